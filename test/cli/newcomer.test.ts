import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { projectOf, rolecall, localProject, write } from '../support/project.ts'

const test = suite('mistakes of a newcomer')

const playbook = (role: string) =>
  `import { playbook } from 'rolecall'\nimport it from '../roles/${role}.ts'\nexport default playbook({ name: '${role}', plays: [{ name: 'all', hosts: 'all', roles: [it] }] })\n`
const inRole = (name: string, body: string, more = '') =>
  `import { file, role, secret, z } from 'rolecall'\nexport default role({\n  name: '${name}',${more}\n  async apply({ ensure, vars, host }) {\n    ${body}\n  },\n})\n`

/** A role, and all of what must be said of it: where, what was expected or got, and what to do. */
const roles: readonly [mistake: string, text: string, said: readonly (string | RegExp)[]][] = [
  [
    'a role that is not exported by default',
    "import { role } from 'rolecall'\nexport const it = role({ name: 'it', async apply() {} })\n",
    [/playbooks\/\w+\.ts:2:8 {2}roles\/\w+\.ts has no default export/, 'got       exports of it', 'or import { it }'],
  ],
  [
    'a role as CommonJS',
    "const { role } = require('rolecall')\nmodule.exports = role({ name: 'it', async apply() {} })\n",
    [/roles\/\w+\.ts has no default export|roles\/\w+\.ts:1:\d+ {2}the playbook is written as CommonJS/],
  ],
  [
    '__dirname',
    inRole('it', 'host.name', '\n  about: __dirname,'),
    [/roles\/\w+\.ts:4:\d+ {2}the playbook is written as CommonJS/, 'got       __dirname', 'import.meta.dirname'],
  ],
  [
    'a host that the inventory does not have',
    inRole('it', "await site.on('database', async () => {})").replace('{ ensure, vars, host }', '{ site }'),
    [
      /roles\/\w+\.ts:5:\d+ {2}here {2}it {2}the role asks for the host "database"/,
      'rolecall list hosts shows the names',
    ],
  ],
  [
    'a service of which nothing is wanted',
    inRole('it', "await ensure(service('nginx', {}))").replace('{ file,', '{ service,'),
    [
      /roles\/\w+\.ts:5:\d+ /,
      'expected  given what is wanted: running, enabled, masked, restartedAfter or reloadedAfter',
      'running: true, enabled: true',
    ],
  ],
  [
    'a job of cron on a day that never comes',
    inRole('it', "await ensure(cron('x', { day: 31, month: 'feb', job: 'true' }))").replace('{ file,', '{ cron,'),
    [/roles\/\w+\.ts:5:\d+ /, 'expected  a day that comes in month feb: at most 29', 'never run the job'],
  ],
  [
    'a role that throws',
    inRole('it', "const x = JSON.parse('{}') as { y: { z: string } }; host.name = x.y.z".replace('host.name = ', '')),
    [/roles\/\w+\.ts:5:\d+ {2}here {2}it {2}the role ended with an error/, 'hint', '1 failed on 1 host'],
  ],
  [
    'an await that is missing',
    inRole('it', "ensure(file('/nonexistent/x', { content: '' }))"),
    [/roles\/\w+\.ts:5:5 {2}here {2}it {2}ensure\(file:\/nonexistent\/x\) was not awaited/, 'write await before'],
  ],
  [
    'resources in Promise.all, and not in ensure',
    inRole('it', "await Promise.all([file('/nonexistent/x', { content: '' })])"),
    [
      /roles\/\w+\.ts:5:24 {2}here {2}it {2}file:\/nonexistent\/x was made and never given to ensure/,
      'give it to ensure',
    ],
  ],
  [
    'a kind that is not called',
    inRole('it', 'await ensure(file as never)'),
    [
      /roles\/\w+\.ts:5:\d+ {2}here {2}it {2}ensure was given something that is no resource/,
      'got       a function',
      'call it',
    ],
  ],
  [
    'a resource under a condition',
    inRole('it', "await ensure((host.name === 'x' && file('/nonexistent/x', { content: '' })) as never)"),
    ['got       false', 'leave out what is not wanted: ...(wanted ? [resource] : [])'],
  ],
  [
    'options that are not there, and wrong ones',
    inRole('it', "await ensure(file('/nonexistent/x', { contents: 'x', mode: 644 } as never))"),
    [
      /failed +file:\/nonexistent\/x/,
      'did you mean "content"?',
      "write the digits in quotes, such as '0644'",
      /0 would change, 1 failed on 1 host/,
    ],
  ],
  [
    'a secret in a text',
    inRole(
      'it',
      'console.log(`${vars.token}`)',
      "\n  vars: z.object({ token: z.string().transform(secret).default(secret('hunter2hunter2')) }),",
    ),
    [/roles\/\w+\.ts:6:\d+ {2}here {2}it {2}a secret would become plain text here/, 'secretText`...`'],
  ],
  [
    'variables that nobody has set',
    inRole('it', 'vars.port', '\n  vars: z.object({ port: z.int(), domain: z.string() }),'),
    [
      /here {2}it {2}it\.port is not set\n {2}expected {2}a number\n/,
      /it\.domain is not set\n {2}expected {2}a text\n/,
      '-e it.port=...',
      '2 problems. No host was touched.',
    ],
  ],
]

/** The same of a playbook, by its plays. */
const plays: readonly [mistake: string, plays: string, said: readonly (string | RegExp)[]][] = [
  [
    'a role that is called',
    "[{ name: 'all', hosts: 'all', roles: [web()] }]",
    [
      /playbooks\/wrong\.ts:3:\d+ {2}the default export of motd is called, and is no function/,
      'roles: [web]; with variables it is using(web, { ... })',
    ],
  ],
  [
    'become in a play, as in Ansible',
    "[{ name: 'all', hosts: 'all', roles: [web], become: true }]",
    [/playbooks\/wrong\.ts:3:\d+ {2}unknown option "become" of play "all"/, 'ansible_become: true'],
  ],
  [
    'tasks in a play',
    "[{ name: 'all', hosts: 'all', tasks: [] }]",
    ['roles of play "all" is missing', 'unknown option "tasks"', 'what is to be done stands in the apply of a role'],
  ],
  [
    'one play without brackets',
    "{ name: 'all', hosts: 'all', roles: [web] }",
    [/to be a list of plays, got an object/, 'write it in brackets: [{ ... }]'],
  ],
  [
    'a play that waits for one that is not there',
    "[{ name: 'first', hosts: 'all', roles: [web] }, { name: 'all', hosts: 'all', roles: [web], after: ['frist'] }]",
    [/playbooks\/wrong\.ts:3:\d+ {2}play "all" waits for "frist", and there is no such play/, 'did you mean "first"?'],
  ],
]

for (const [mistake, list, said] of plays)
  test(`${mistake}: told with its place and what to do`, async () => {
    const project = localProject()
    write(project, {
      'playbooks/wrong.ts': `import { playbook } from 'rolecall'\nimport web from '../roles/motd.ts'\nexport default playbook({ name: 'wrong', plays: ${list} })\n`,
    })
    const { code, out, err } = await rolecall(project, ['check', 'wrong', '--no-types'])
    assert.is(code, 1, out + err)
    for (const words of said) assert.match(out + err, words)
    assert.not.match(out + err, /^\s+at |_default/m)
  })

for (const [mistake, text, said] of roles)
  test(`${mistake}: told with its place and what to do`, async () => {
    const project = localProject()
    write(project, { 'roles/wrong.ts': text, 'playbooks/wrong.ts': playbook('wrong') })
    const { code, out, err } = await rolecall(project, ['check', 'wrong', '--no-types'])
    const all = out + err
    assert.ok(code === 1 || code === 2, all)
    for (const words of said) assert.match(all, words)
    assert.not.match(all, /^\s+at |Invalid input|hunter2/m)
  })

/** A value of a variable, and what is said of it. */
const values: readonly [schema: string, value: unknown, expected: string][] = [
  ['z.number()', 'http', 'a number'],
  ['z.int()', 1.5, 'a whole number'],
  ['z.int().min(1).max(65535)', 70000, 'at most 65535'],
  ['z.boolean()', 'maybe', 'true or false'],
  ["z.enum(['test', 'live'])", 'lvie', '"test" or "live"'],
  ['z.string().min(3)', 'a', 'at least 3 characters'],
  ['z.array(z.string()).nonempty()', [], 'at least 1 element'],
  ['z.array(z.string())', { a: 1 }, 'a list'],
  ['z.union([z.string(), z.int()])', [], 'a text or a number'],
  ['z.ipv4()', '192.0.2', 'an IPv4 address'],
  ['z.cidrv4()', '192.0.2.1', 'an IPv4 network such as 192.0.2.0/24'],
  ['z.url()', 'example', 'a URL such as https://example.org/'],
  ["z.string().startsWith('/')", 'etc', 'a text that begins with /'],
  ['z.string().regex(/^v[0-9]+$/)', '3', 'a text like /^v[0-9]+$/'],
  ['z.number().multipleOf(5)', 7, 'a multiple of 5'],
]
test('what a variable must be is said in words, with what it is and where that stands', async () => {
  const project = localProject()
  const shape = values.map(([schema], at) => `v${at}: ${schema}`).join(', ')
  write(project, {
    'roles/wrong.ts': inRole('it', 'vars.v0', `\n  vars: z.object({ ${shape} }),`),
    'playbooks/wrong.ts': playbook('wrong'),
    'inventory/group_vars/all.yml': `it:\n${values.map(([, value], at) => `  v${at}: ${JSON.stringify(value)}\n`).join('')}`,
  })
  const { code, err } = await rolecall(project, ['check', 'wrong', '--no-types'])
  assert.is(code, 1)
  for (const [at, [, , expected]] of values.entries())
    assert.match(
      err,
      new RegExp(
        `inventory/group_vars/all\\.yml:${at + 2}:\\d+ .*it\\.v${at}: expected .*\\n {2}expected {2}${expected.replaceAll(/[[/\^$.+]/g, '\\$&')}\\n {2}got `,
      ),
    )
})

test('without a project the first thing to do is named', async () => {
  const empty = projectOf({})
  for (const args of [['check', 'site'], ['list', 'hosts'], ['doctor']])
    assert.match(Object.values(await rolecall(empty, args)).join(''), 'rolecall init DIRECTORY creates a project')
})

test.run()
