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
      /roles\/\w+\.ts:5:\d+ {2}here {2}it {2}ensure got a value that is not a resource/,
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
    'a role that throws a text',
    inRole('it', "throw 'no disk'"),
    [
      /roles\/\w+\.ts:2:16 {2}here {2}it {2}the role threw "no disk", which is no Error/,
      "throw new Error('...') instead",
    ],
  ],
  [
    'a role that throws nothing',
    inRole('it', 'throw undefined'),
    [/roles\/\w+\.ts:2:16 .*the role threw undefined, which is no Error/, 'only an Error says where it was thrown'],
  ],
  [
    'an error without a message',
    inRole('it', 'throw new TypeError()'),
    [/roles\/\w+\.ts:5:\d+ .*ended with an error that has no message \(TypeError\)/, 'say what is wrong'],
  ],
  [
    'errors of Promise.any',
    inRole('it', "await Promise.any([Promise.reject(new Error('one')), Promise.reject(new Error('two'))])"),
    [/roles\/\w+\.ts:5:\d+ {2}here {2}it {2}the role ended with an error: All promises were rejected/, '| two'],
  ],
  [
    'an error in a timer',
    inRole('it', "setTimeout(() => { throw new Error('oh') }, 5); await new Promise((end) => setTimeout(end, 50))"),
    [
      /roles\/\w+\.ts:5:\d+ {2}here {2}it {2}a function that the role does not await ended with an error: oh/,
      'await the function',
      /0 would change, 1 failed on 1 host/,
    ],
  ],
  [
    'a promise in a text',
    inRole('it', "await ensure(file('/nonexistent/x', { content: `${read('/etc/hostname')}` }))").replace(
      'vars, host',
      'read',
    ),
    [
      "the promise of read('/etc/hostname') was used as a value",
      'write await before',
      /would change, 1 failed on 1 host/,
    ],
  ],
  [
    'a role that takes too long',
    inRole('it', 'await new Promise(() => {})', '\n  deadline: 1,'),
    [/roles\/\w+\.ts:2:16 {2}here {2}it {2}the role reached its deadline of 1 s/],
  ],
  [
    'expect in apply',
    inRole('it', "Reflect.get(globalThis, 'x'); (expect as never as (x: number) => void)(1)"),
    [/roles\/\w+\.ts:5:\d+ /, 'expect is given to verify alone: write async verify({ expect })'],
  ],
  [
    'a kind that is not imported',
    inRole('it', "await ensure(pkg('nginx') as never)"),
    ['pkg is not defined', 'import pkg, or take it from what the function is given'],
  ],
  [
    'a command in parentheses',
    inRole('it', "await $.read('uptime' as never)").replace('vars, host', '$'),
    [/roles\/\w+\.ts:5:\d+ /, 'got       "uptime"', 'write it between backticks, without parentheses: $.read`uptime`'],
  ],
  [
    'an empty command',
    inRole('it', 'await $.read``').replace('vars, host', '$'),
    ['Expected a command to be a line of shell, got an empty text', 'write the command between the backticks'],
  ],
  [
    'a note that is a promise',
    inRole('it', "note(read('/etc/hostname') as never)").replace('vars, host', 'note, read'),
    ['got       a promise', 'put await before it'],
  ],
  [
    'a step in place of a list of steps',
    inRole(
      'it',
      "await ensure(kind({ name: 'x', probe: () => sh`true`, read: () => 1, plan: () => ({ summary: 's', sh: sh`true` }) as never })('x', {}))",
    ).replace('{ file,', '{ kind, sh,'),
    ['Expected the plan of kind x to be a list of steps', 'write it in brackets', /would change, 1 failed on 1 host/],
  ],
  [
    'an async plan',
    inRole(
      'it',
      "await ensure(kind({ name: 'x', probe: () => sh`true`, read: () => 1, plan: async () => [] as never })('x', {}))",
    ).replace('{ file,', '{ kind, sh,'),
    ['got       a promise', 'write it without async'],
  ],
  [
    'a probe that is no shell',
    inRole(
      'it',
      "await ensure(kind({ name: 'x', probe: () => sh`if true`, read: () => 1, plan: () => [] })('x', {}))",
    ).replace('{ file,', '{ kind, sh,'),
    ['the script of x:x broke off before it could answer', /would change, 1 failed on 1 host/],
  ],
  [
    'a kind without a name',
    inRole('it', "kind({ probe: () => sh`true`, read: () => 1, plan: () => [] } as never)('x', {})").replace(
      '{ file,',
      '{ kind, sh,',
    ),
    ['name of the kind is missing'],
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
      /playbooks\/wrong\.ts:3:\d+ {2}the default export of motd is called, and is not a function/,
      'roles: [web]; with variables it is using(web, { ... })',
    ],
  ],
  [
    'using without variables',
    "[{ name: 'all', hosts: 'all', roles: [using(web)] }]",
    [/playbooks\/wrong\.ts:3:\d+ {2}the second argument of using is missing/, 'roles: [web]'],
  ],
  [
    'a wrong value in using',
    "[{ name: 'all', hosts: 'all', roles: [using(web, { text: 5 })] }]",
    [/playbooks\/wrong\.ts:3:\d+ {2}motd {2}motd\.text: expected a text/, 'got       5 (number)'],
  ],
  [
    'a role in place of a play',
    '[web]',
    [
      /playbooks\/wrong\.ts:3:\d+ {2}play 1 is the role motd, and not a play/,
      "hint      say which hosts get it: { name: 'motd'",
    ],
  ],
  [
    'two roles of one name',
    "[{ name: 'all', hosts: 'all', roles: [web, role({ name: 'motd', async apply() {} })] }]",
    [
      /playbooks\/wrong\.ts:3:\d+ {2}two roles have the name motd/,
      'got       the other one is at roles/motd.ts:',
      'rename one of them',
    ],
  ],
  [
    'a play on hosts that are not there',
    "[{ name: 'all', hosts: 'her', roles: [web] }]",
    [/playbooks\/wrong\.ts:3:\d+ {2}play "all": the pattern "her" matches no host/, 'did you mean here?'],
  ],
  [
    'become in a play, as in Ansible',
    "[{ name: 'all', hosts: 'all', roles: [web], become: true }]",
    [/playbooks\/wrong\.ts:3:\d+ {2}unknown option "become" of play "all"/, 'ansible_become: true'],
  ],
  [
    'tasks in a play',
    "[{ name: 'all', hosts: 'all', tasks: [] }]",
    ['roles of play "all" is missing', 'unknown option "tasks"', 'write them in the apply of a role'],
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
      'playbooks/wrong.ts': `import { playbook, role, using } from 'rolecall'\nimport web from '../roles/motd.ts'\nexport default playbook({ name: 'wrong', plays: ${list} })\n`,
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

/** Files of a playbook that cannot be loaded, and what is said of them. */
const files: readonly [mistake: string, files: Readonly<Record<string, string>>, said: readonly (string | RegExp)[]][] =
  [
    [
      'a playbook that is a promise',
      { 'playbooks/wrong.ts': 'export default Promise.resolve({})\n' },
      ['got       a promise', 'write await before it: export default await ...'],
    ],
    [
      'a playbook that throws a text',
      { 'playbooks/wrong.ts': "throw 'top'\n" },
      [/^playbooks\/wrong\.ts {2}the playbook cannot be loaded: it threw "top", which is no Error/m],
    ],
    [
      'the name of a file in other letters',
      { 'playbooks/wrong.ts': "import web from '../roles/Motd.ts'\nexport default web\n" },
      [/^playbooks\/wrong\.ts:1:17 {2}there is no file \.\.\/roles\/Motd\.ts/m, 'did you mean ../roles/motd.ts?'],
    ],
    [
      'a default export by its name',
      { 'playbooks/wrong.ts': "import { motd } from '../roles/motd.ts'\nexport default motd\n" },
      [
        /roles\/motd\.ts exports no "motd"/,
        'it has a default export, which is imported without braces: import motd from',
      ],
    ],
    [
      'a path from the top of the project',
      { 'playbooks/wrong.ts': "import web from 'roles/motd.ts'\nexport default web\n" },
      ['there is no package "roles/motd.ts"', 'a file of the project is named by its path: ../roles/motd.ts'],
    ],
    [
      'files that import each other',
      {
        'playbooks/wrong.ts': "import web from '../roles/one.ts'\nexport default web\n",
        'roles/one.ts': "import two from './two.ts'\nexport const name = two.name\nexport default { name: 'one' }\n",
        'roles/two.ts': "import one from './one.ts'\nexport const name = one.name\nexport default { name: 'two' }\n",
      },
      [
        /^roles\/two\.ts:2:\d+ {2}the playbook cannot be loaded/m,
        'import each other in a circle, so one of them is read before what it needs: roles/two.ts -> roles/one.ts -> roles/two.ts',
      ],
    ],
  ]
for (const [mistake, texts, said] of files)
  test(`${mistake}: told with its place and what to do`, async () => {
    const project = localProject()
    write(project, texts)
    const { code, out, err } = await rolecall(project, ['check', 'wrong', '--no-types'])
    assert.is(code, 1, out + err)
    for (const words of said) assert.match(err, words)
    assert.not.match(err, /^\s+at |runs\.cjs|npm install/m)
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
