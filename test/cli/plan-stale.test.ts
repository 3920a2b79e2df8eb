import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { planText, sealed as sealedPlan, type SavedPlan } from '../../lib/runner/plan/plan-file.ts'
import { planKey } from '../../lib/runner/plan/plan-key.ts'
import { projectOf, rolecall, write } from '../support/project.ts'

const test = suite('a saved plan that is stale')
const project = projectOf({})
const state = join(project, 'state')
const files = {
  'inventory/hosts.yml': `all:
  children:
    web:
      hosts:
        one: { ansible_connection: local }
        two: { ansible_connection: local }
`,
  'group_vars/web.yml': 'app:\n  text: hello\n',
  'host_vars/two.yml': 'app:\n  port: 81\n',
  'extra.yml': 'app:\n  word: from-a-file\n',
  'words.txt': 'words\n',
  'template.txt': 'hello {{ name }}\n',
  'files/banner': 'banner\n',
  'roles/settings.json': '{ "colour": "blue" }\n',
  'node_modules/site-words/package.json':
    '{ "name": "site-words", "version": "1.0.0", "type": "module", "exports": "./index.js" }\n',
  'node_modules/site-words/index.js': "export const word = 'from a package'\n",
  'playbooks/site.ts': `import { playbook } from 'rolecall'
import app from '../roles/app.ts'

export default playbook({ name: 'site', plays: [{ name: 'app', hosts: 'web', roles: [app] }] })
`,
  'roles/helper.ts': `export const ending = '\\n'\n`,
  'roles/app.ts': `import { readFileSync } from 'node:fs'
import { dir, exec, file, line, link, role, z } from 'rolecall'
import { word } from 'site-words'
import settings from './settings.json'
import { ending } from './helper.ts'

export default role({
  name: 'app',
  vars: z.object({ text: z.string(), port: z.number().default(80), word: z.string().default('none'), token: z.string().default('') }),
  async apply({ ensure, vars, host, $, exists }) {
    const at = ${JSON.stringify(state)} + '/' + host.name
    await ensure(
      file(at + '/text', { content: vars.text + ending }),
      file(at + '/port', { content: vars.port + ending }),
      file(at + '/word', { content: vars.word + ending }),
      file(at + '/words', { content: readFileSync('words.txt') }),
      file(at + '/template', { content: readFileSync('template.txt', 'utf8').replace('{{ name }}', host.name) }),
      file(at + '/banner', { source: '../files/banner' }),
      file(at + '/settings', { content: settings.colour + word }),
      file(at + '/zone', { content: process.env['APP_ZONE'] ?? 'none' }),
      line(at + '/lines', { line: 'wanted' }),
      link(at + '/link', { to: at + '/text' }),
      dir(at + '/conf'),
      file(at + '/conf/app', { content: 'conf' }),
    )
    const more = (await $.read\`cat \${at}/more\`).stdout.trim()
    if (more !== '') await ensure(file(at + '/more-' + more, { content: more }))
  },
})
`,
}
const plan = join(project, 'site.plan')
const sealed = join(project, 'sealed')

function reset(): void {
  if (existsSync(join(project, '.rolecall/plan-key'))) chmodSync(join(project, '.rolecall/plan-key'), 0o600)
  rmSync(join(project, '.rolecall/plans'), { recursive: true, force: true })
  for (const name of [
    'inventory',
    'group_vars',
    'host_vars',
    'playbooks',
    'roles',
    'policies',
    'state',
    'node_modules/site-words',
  ])
    rmSync(join(project, name), { recursive: true, force: true })
  write(project, files)
  for (const host of ['one', 'two']) {
    write(state, { [`${host}/text`]: 'before\n', [`${host}/lines`]: 'first\n', [`${host}/more`]: '' })
    write(state, { [`${host}/words`]: 'words\n' })
  }
  if (existsSync(sealed)) cpSync(sealed, plan)
}

const check = ['check', 'site', '--no-types', '-e', '@extra.yml', '--out', 'site.plan']
const apply = ['apply', 'site.plan', '--no-types']
const edit = (name: string, change: (text: string) => string) => {
  writeFileSync(join(project, name), change(readFileSync(join(project, name), 'utf8')))
}
type Loose = Record<string, object> & { resources: object[]; request: object }
const change = (made: (plan: Loose) => void) => () => {
  const data = JSON.parse(readFileSync(plan, 'utf8')) as Loose
  made(data)
  writeFileSync(plan, JSON.stringify(data))
}
/** The same with a whole seal: what only its maker can say. */
const remade = (more: Readonly<Record<string, unknown>>) => () => {
  const rest = JSON.parse(readFileSync(plan, 'utf8')) as Omit<SavedPlan, 'seal'>
  Reflect.deleteProperty(rest, 'seal')
  writeFileSync(plan, planText(sealedPlan({ ...rest, ...more }, planKey(project, {}))))
}
const on = (host: string, name: string) => join(state, host, name)

interface Way {
  readonly what: string
  readonly makes: () => void
  readonly told: RegExp
  readonly env?: Readonly<Record<string, string>>
  /** Only this host is left out; the other one is done. */
  readonly only?: 'one' | 'two'
  readonly code?: number
}

const unmade = { code: 1 }
const ways: readonly Way[] = [
  // The plan itself.
  {
    what: 'is over',
    makes: remade({ expiresAt: Date.now() - 1000 }),
    told: /site\.plan {2}the plan has expired, at[^]*plan again: rolecall check site -e @extra\.yml --out site\.plan/,
  },
  { what: 'is from the future', makes: remade({ at: Date.now() + 3_600_000 }), told: /from the future/ },
  {
    what: 'was applied already',
    makes: () =>
      write(project, { [`.rolecall/plans/${(JSON.parse(readFileSync(plan, 'utf8')) as SavedPlan).id}`]: '' }),
    told: /was applied already, and a plan applies once/,
  },
  {
    what: 'says other steps',
    makes: change((all) => Object.assign(all.resources[0] ?? {}, { steps: [] })),
    told: /its seal is broken/,
  },
  {
    what: 'is said to last longer',
    makes: change((all) => Object.assign(all, { expiresAt: 9e12 })),
    told: /its seal is broken/,
  },
  {
    what: 'names another playbook',
    makes: change((all) => Object.assign(all.request, { playbook: 'other' })),
    told: /its seal is broken/,
  },
  {
    what: 'has lost a resource',
    makes: change((all) => Object.assign(all, { resources: [] })),
    told: /its seal is broken/,
  },
  {
    what: 'shows another diff',
    makes: change((all) => Object.assign(all, { events: [] })),
    told: /its seal is broken/,
  },
  {
    what: 'has another seal',
    makes: change((all) => Object.assign(all, { seal: 'f'.repeat(64) })),
    told: /its seal is broken/,
  },
  {
    what: 'is of another key',
    makes: () => undefined,
    env: { ROLECALL_PLAN_KEY: 'another-key-than-before' },
    told: /another key than that of this project/,
  },
  {
    what: 'is of another version of Rolecall',
    makes: remade({ program: '0.0.1' }),
    told: /another version of Rolecall[^]*got {7}version 0\.0\.1/,
  },
  {
    what: 'is of another form',
    makes: change((all) => Object.assign(all, { version: 2 })),
    told: /has the plan format of another version[^]*expected {2}version 1/,
    ...unmade,
  },
  {
    what: 'is cut off',
    makes: () => writeFileSync(plan, readFileSync(plan).subarray(0, 900)),
    told: /site\.plan is not a plan[^]*cut off/,
    ...unmade,
  },
  { what: 'is something else', makes: () => writeFileSync(plan, '{}'), told: /site\.plan is not a plan/, ...unmade },
  { what: 'is gone', makes: () => rmSync(plan), told: /there is no plan site\.plan/, ...unmade },
  // What was asked for.
  {
    what: 'is of a playbook that has changed',
    makes: () => edit('playbooks/site.ts', (text) => text.replace("hosts: 'web'", "hosts: 'web', serial: 1")),
    told: /the playbook site, or a file that it imports, has changed since/,
  },
  {
    what: 'is of a role that has changed',
    makes: () => edit('roles/app.ts', (text) => text.replace("'conf' }", "'other' }")),
    told: /the playbook site, or a file/,
  },
  {
    what: 'is of a role whose helper has changed',
    makes: () => edit('roles/helper.ts', () => "export const ending = ' \\n'\n"),
    told: /the playbook site, or a file/,
  },
  {
    what: 'is of a playbook that is gone',
    makes: () => rmSync(join(project, 'playbooks/site.ts')),
    told: /no playbook|there is no/,
    ...unmade,
  },
  {
    what: 'was made with other variables of a group',
    makes: () => edit('group_vars/web.yml', (text) => text.replace('hello', 'bye')),
    told: /one, two {2}app {2}role app has other variables, since/,
  },
  {
    what: 'was made with other variables of a host',
    makes: () => edit('host_vars/two.yml', (text) => text.replace('81', '82')),
    told: /two {2}app {2}role app has other variables/,
  },
  {
    what: 'was made with another file of -e',
    makes: () => edit('extra.yml', () => 'app:\n  word: another\n'),
    told: /role app has other variables/,
  },
  {
    what: 'was made with another comment in the inventory',
    makes: () => edit('inventory/hosts.yml', (text) => `${text}# a comment\n`),
    told: /the inventory has changed since/,
  },
  {
    what: 'lacks a host that has come',
    makes: () => edit('inventory/hosts.yml', (text) => `${text}        three: { ansible_connection: local }\n`),
    told: /three {2}app {2}role app is run there as well/,
  },
  {
    what: 'has a host that is gone',
    makes: () => edit('inventory/hosts.yml', (text) => text.replace(/ +two.*\n/, '')),
    told: /two {2}app {2}role app is not run there any more|two/,
  },
  {
    what: 'is of a host that is reached in another way',
    makes: () =>
      edit('inventory/hosts.yml', (text) =>
        text.replace('two: { ansible_connection: local }', 'two: { ansible_connection: local, ansible_become: true }'),
      ),
    told: /two {2}app {2}role app the host is reached in another way/,
  },
  {
    what: 'is of hosts in another order',
    makes: () => edit('inventory/hosts.yml', (text) => text.replace(/( +one.*\n)( +two.*\n)/, '$2$1')),
    told: /the order is another one/,
  },
  {
    what: 'has a host that is called otherwise now',
    makes: () => edit('inventory/hosts.yml', (text) => text.replace(' two:', ' zwei:')),
    told: /two {2}app {2}role app is not run there any more[^]*zwei {2}app {2}role app is run there as well/,
  },
  {
    what: 'is of a role that reads other data',
    makes: () => edit('roles/settings.json', (text) => text.replace('blue', 'red')),
    told: /the playbook site, or a file that it imports, has changed since/,
  },
  {
    what: 'is of a package in another version',
    makes: () => edit('node_modules/site-words/package.json', (text) => text.replace('1.0.0', '1.0.1')),
    told: /the playbook site, or a file that it imports, has changed since/,
  },
  {
    what: 'is of a package that somebody has edited',
    makes: () => edit('node_modules/site-words/index.js', (text) => text.replace('from a', 'of a')),
    told: /the playbook site, or a file that it imports, has changed since/,
  },
  {
    what: 'is of a package that is gone',
    makes: () => rmSync(join(project, 'node_modules/site-words'), { recursive: true }),
    told: /site-words/,
    ...unmade,
  },
  {
    what: 'has a key that others can read',
    makes: () => chmodSync(join(project, '.rolecall/plan-key'), 0o644),
    told: /the key of the plans of this project is not for its owner alone/,
    ...unmade,
  },
  {
    what: 'was made with another environment',
    makes: () => undefined,
    env: { APP_ZONE: 'elsewhere' },
    told: /one, two {2}app {2}file:.*\/zone changed: what would change in it is otherwise/,
  },
  {
    what: 'was made with another template',
    makes: () => edit('template.txt', (text) => text.replace('hello', 'bye')),
    told: /one, two {2}app {2}file:.*\/template changed: what would change in it is otherwise/,
  },
  {
    what: 'was made with another file beside the role',
    makes: () => edit('files/banner', () => 'another banner\n'),
    told: /one, two {2}app {2}file:.*\/banner changed: what would change in it is otherwise/,
  },
  {
    what: 'was made with a file beside the role that is gone',
    makes: () => rmSync(join(project, 'files/banner')),
    told: /^(?![^]*as wanted)[^]*one, two {2}app {2}.*fails now: .*banner/,
  },
  {
    what: 'was made with another file that a role reads',
    makes: () => edit('words.txt', () => 'other words\n'),
    told: /one, two {2}app {2}file:.*\/words is not in the plan, and would be changed now: write/,
  },
  // What hosts are like.
  {
    what: 'would overwrite what has changed',
    makes: () => writeFileSync(on('one', 'text'), 'somebody else\n'),
    told: /one {2}app {2}file:.*\/one\/text changed.*, since/,
    only: 'one',
  },
  {
    what: 'would make what is done already',
    makes: () => writeFileSync(on('two', 'text'), 'hello\n'),
    told: /two {2}app {2}file:.*\/two\/text is as wanted already/,
    only: 'two',
  },
  {
    what: 'lacks what has to be made now',
    makes: () => writeFileSync(on('one', 'words'), 'others\n'),
    told: /one {2}app {2}file:.*\/one\/words is not in the plan, and would be changed now: write/,
    only: 'one',
  },
  {
    what: 'is of a file with another mode',
    makes: () => chmodSync(on('two', 'text'), 0o600),
    told: /two {2}app {2}file:.*\/two\/text (changed|the steps were)/,
    only: 'two',
  },
  {
    what: 'is of a file that is gone',
    makes: () => rmSync(on('one', 'text')),
    told: /one {2}app {2}file:.*\/one\/text the steps were: .*; they are: create/,
    only: 'one',
  },
  {
    what: 'edits a file that has other lines',
    makes: () => writeFileSync(on('two', 'lines'), 'first\nsecond\n'),
    told: /two {2}app {2}line:.*lines.* changed/,
    only: 'two',
  },
  {
    what: 'makes a link where something else is',
    makes: () => symlinkSync('elsewhere', on('one', 'link')),
    told: /one {2}app {2}link:.*\/one\/link the steps were/,
    only: 'one',
  },
  {
    what: 'meets a directory in place of a file',
    makes: () => {
      rmSync(on('two', 'text'))
      mkdirSync(on('two', 'text'))
    },
    told: /two {2}app {2}.*fails now/,
    only: 'two',
  },
  {
    what: 'does not know what the role reads now',
    makes: () => writeFileSync(on('one', 'more'), 'x'),
    told: /one {2}app {2}file:.*\/one\/more-x is not in the plan/,
    only: 'one',
  },
  {
    what: 'is of a role that cannot be predicted to its end any more',
    makes: () => rmSync(on('two', 'more')),
    told: /two {2}app {2}.*role:app is not in the plan, and is unknown now/,
    only: 'two',
  },
  // Policies.
  {
    what: 'is against a policy',
    makes: () =>
      write(project, {
        'policies/never.ts': `import { policy } from 'rolecall'\nexport default policy({ name: 'never', check: ({ resources }) => resources.slice(0, 1).map((resource) => ({ resource, message: 'nothing is changed today' })) })\n`,
      }),
    told: /policy never: nothing is changed today/,
    ...unmade,
  },
]

test('a plan is made first', async () => {
  reset()
  const { code, err, out } = await rolecall(project, check)
  assert.is(code, 0, err + out)
  cpSync(plan, sealed)
})

for (const { what, makes, told, env = {}, only, code = 5 } of ways)
  test(`one that ${what} is refused`, async () => {
    reset()
    makes()
    const { code: got, err, out } = await rolecall(project, apply, env)
    assert.match(err + out, told)
    assert.is(got, code, err + out)
    for (const host of ['one', 'two'])
      assert.is(
        existsSync(on(host, 'conf')),
        only !== undefined && host !== only,
        `${host} was ${only === host || only === undefined ? '' : 'not '}changed`,
      )
  })

test('--all-or-nothing changes no host when one is not as before', async () => {
  reset()
  writeFileSync(on('one', 'text'), 'somebody else\n')
  const { code, err } = await rolecall(project, [...apply, '--all-or-nothing'])
  assert.is(code, 5, err)
  assert.match(err, /one {2}app {2}file:.*changed/)
  assert.not(existsSync(on('two', 'conf')))
})

test('a host that differs from the plan counts as failed', async () => {
  reset()
  writeFileSync(on('one', 'text'), 'somebody else\n')
  const { code, out } = await rolecall(project, [...apply, '--json'])
  assert.is(code, 5)
  const summary = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as {
    ok: boolean
    hosts: Record<string, { failed: number }>
  }
  assert.equal([summary.ok, summary.hosts['one']?.failed, summary.hosts['two']?.failed], [false, 1, 0])
})

test('one that is made in one directory is applied in another', async () => {
  reset()
  const elsewhere = projectOf({})
  cpSync(project, elsewhere, { recursive: true })
  const { code, err, out } = await rolecall(elsewhere, apply)
  assert.is(code, 0, err + out)
  assert.is(readFileSync(on('one', 'text'), 'utf8'), 'hello\n')
})

test('a plan of unchanged hosts is applied, once', async () => {
  reset()
  const { code, err, out } = await rolecall(project, apply)
  assert.is(code, 0, err + out)
  assert.is(readFileSync(on('one', 'text'), 'utf8'), 'hello\n')
  assert.match((await rolecall(project, apply)).err, 'a plan applies once')
})

test.run()
