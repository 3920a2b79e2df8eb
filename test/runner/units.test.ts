import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError, type Problem } from '../../lib/errors.ts'
import { playbook, role, using, z, type Play } from '../../lib/index.ts'
import { loadInventory } from '../../lib/inventory/load.ts'
import { nothingToDo } from '../../lib/runner/nothing-to-do.ts'
import { share } from '../../lib/runner/order/share.ts'
import type { Selection } from '../../lib/runner/units/selection.ts'
import { unitsOf } from '../../lib/runner/units/units.ts'
import { variablesInPlaybook } from '../../lib/runner/units/variables.ts'
import { problemsOf } from '../support/problems.ts'

const room = mkdtempSync(join(tmpdir(), 'units-'))
test.after(() => rmSync(room, { recursive: true }))

const web = role({
  name: 'web',
  tags: ['http'],
  vars: z.object({ port: z.number().default(80), names: z.array(z.string()).default([]) }),
  apply: () => Promise.resolve(),
})
const db = role({ name: 'db', apply: () => Promise.resolve() })

const hosts = `all:
  hosts: { a: , b: , c: , d: }
  children:
    first: { hosts: { a: , b: } }
`
function units(plays: Play[], selection: Selection = {}, vars = '') {
  writeFileSync(join(room, 'hosts.yml'), hosts + (vars === '' ? '' : `  vars:\n${vars}`))
  return unitsOf(playbook({ name: 'test', plays }), loadInventory(room), selection)
}
const names = (plays: Play[], selection?: Selection) =>
  units(plays, selection).map(({ host, role: of }) => `${of.name} ${host.name}`)
const problems = (plays: Play[], selection?: Selection, vars?: string) =>
  problemsOf(() => units(plays, selection, vars))
const all: Play = { name: 'all', hosts: 'all', roles: [web, db] }

test('units come host by host, the roles of a host one after the other', () => {
  assert.equal(names([{ ...all, hosts: 'first' }]), ['web a', 'db a', 'web b', 'db b'])
})

test('limit, roles and tags narrow them', () => {
  assert.equal(names([all], { limit: 'first:!a' }), ['web b', 'db b'])
  assert.equal(names([all], { roles: ['db'], limit: 'c' }), ['db c'])
  assert.equal(names([all], { tags: ['http'], limit: 'd' }), ['web d'])
})

test('tags that are skipped win over tags that are wanted', () => {
  assert.equal(names([all], { skipTags: ['http'], limit: 'a' }), ['db a'])
  assert.equal(names([{ ...all, tags: ['site'] }], { tags: ['site'], skipTags: ['http'], limit: 'a' }), ['db a'])
  assert.equal(names([{ ...all, tags: ['site'] }], { skipTags: ['site'] }), [])
})

test('a run starts at a role: everything before it in the playbook is left out', () => {
  const plays: Play[] = [
    { name: 'one', hosts: 'a', roles: [db] },
    { name: 'two', hosts: 'a', roles: [db, web, db], after: ['one'] },
    { name: 'three', hosts: 'b', roles: [db] },
  ]
  assert.equal(names(plays, { startAt: 'web' }), ['web a', 'db a', 'db b'])
  assert.equal(names(plays, { startAt: 'db' }).length, 5)
  assert.equal(names(plays, { startAt: 'web', roles: ['db'] }), ['db a', 'db b'])
})

test('parts of a role have tags of their own', () => {
  const app = role({ name: 'app', tags: ['app'], parts: ['config', 'users'], apply: () => Promise.resolve() })
  const parts = (selection: Selection) =>
    units([{ name: 'p', hosts: 'a', roles: [app, db] }], selection).map((unit) => [
      unit.role.name,
      ...(unit.parts ?? ['all']),
    ])
  assert.equal(parts({}), [
    ['app', 'all'],
    ['db', 'all'],
  ])
  assert.equal(parts({ tags: ['config'] }), [['app', 'config']])
  assert.equal(parts({ tags: ['app'] }), [['app', 'config', 'users']])
  assert.equal(parts({ tags: ['app'], skipTags: ['users'] }), [['app', 'config']])
  assert.equal(parts({ skipTags: ['users'], roles: ['app'] }), [['app', 'config']])
})

const unknown: readonly [selection: Selection, message: RegExp, hint: RegExp][] = [
  [{ skipTags: ['htp'] }, /has no tag "htp"/, /did you mean "http"/],
  [{ startAt: 'wep' }, /has no role "wep"/, /did you mean "web"/],
]
for (const [selection, message, hint] of unknown)
  test(`${JSON.stringify(selection)} is refused with the nearest name`, () => {
    const [problem] = problems([all], selection)
    assert.match(problem?.message ?? '', message)
    assert.match(problem?.hint ?? '', hint)
  })

test('serial cuts hosts into batches, by number or by share', () => {
  assert.equal(
    units([{ ...all, roles: [db], serial: 3 }]).map((unit) => unit.batch),
    [0, 0, 0, 1],
  )
  assert.equal(
    units([{ ...all, roles: [db], serial: '50%' }]).map((unit) => unit.batch),
    [0, 0, 1, 1],
  )
  assert.is(share('10%', 4), 0)
})

test('the playbook wins over the inventory, and the role’s default applies where neither has a value', () => {
  const [fromInventory] = units([all], {}, '    web: { port: 8080 }\n')
  assert.equal(fromInventory?.vars, { port: 8080, names: [] })
  const [fromPlaybook] = units([{ ...all, roles: [using(web, { port: 9090 })] }], {}, '    web: { port: 8080 }\n')
  assert.equal(fromPlaybook?.vars['port'], 9090)
})

test('a wrong value names its file, line and column once, not once a host', () => {
  const [problem, ...others] = problems([all], {}, '    web:\n      port: high\n')
  assert.is(others.length, 0)
  assert.match(problem?.message ?? '', /web\.port/)
  assert.equal([problem?.place?.line, problem?.place?.column], [7, 13])
  assert.match(problem?.got ?? '', /"high"/)
})

test('a wrong element deep in a list is named with its own place', () => {
  const [problem] = problems([all], {}, '    web:\n      names:\n        - fine\n        - 7\n')
  assert.match(problem?.message ?? '', /web\.names\[1\]/)
  assert.is(problem?.place?.line, 9)
})

test('a wrong value of a variable that is named like a secret is not shown', () => {
  const vault = role({ name: 'vault', vars: z.object({ adminPassword: z.number() }), apply: () => Promise.resolve() })
  const found = problems([{ ...all, roles: [vault] }], {}, '    vault: { adminPassword: hunter22 }\n')
  assert.not.match(JSON.stringify(found), /hunter22/)
  assert.is(found[0]?.got, 'a value that is not shown')
})

test('another host is asked for its variables by the whole playbook, whatever the run is narrowed to', () => {
  writeFileSync(join(room, 'hosts.yml'), hosts)
  const inventory = loadInventory(room)
  const [a, b, c] = inventory.hosts
  const book = playbook({ name: 'test', plays: [{ name: 'some', hosts: 'first', roles: [using(web, { port: 81 })] }] })
  assert.ok(a && b && c)
  assert.equal(variablesInPlaybook(book, inventory, b, web), { vars: { port: 81, names: [] } })
  assert.is(variablesInPlaybook(book, inventory, c, web), undefined)
})

test('validateSite sees all hosts of a role, whatever the run is limited to, and its problems count for hosts that are touched', () => {
  const judging = role({
    name: 'web',
    vars: web.vars,
    validateSite: ({ hosts, everyone }) =>
      hosts.flatMap(({ name, vars }) => {
        const same = hosts.find((other) => other.name > name && other.vars.port === vars.port)
        return same === undefined
          ? []
          : [{ hosts: [name, same.name], message: `${name} and ${same.name} of ${everyone.length} have one port` }]
      }),
    apply: () => Promise.resolve(),
  })
  const plays: Play[] = [
    { name: 'first', hosts: 'a,b', roles: [using(judging, { port: 1 })] },
    { name: 'second', hosts: 'c', roles: [using(judging, { port: 2 })] },
  ]
  const message = 'a and b of 4 have one port'
  assert.equal(
    problems(plays).map((problem) => [problem.code, problem.role, problem.message]),
    [['vars', 'web', message]],
  )
  assert.is(problems(plays, { limit: 'b' })[0]?.message, message)
  assert.equal(names(plays, { limit: 'c' }), ['web c'])
})

test('the result of validateSite is checked before any host is touched', () => {
  const said = (validateSite: unknown) => {
    const judging = role({
      name: 'web',
      vars: web.vars,
      validateSite: validateSite as never,
      apply: () => Promise.resolve(),
    })
    try {
      return problems([{ name: 'p', hosts: 'a', roles: [using(judging, { port: 1 })] }]).map(({ message }) => message)
    } catch (error) {
      if (error instanceof RolecallError) return error.problems.map(({ message, hint }) => `${message} ${hint ?? ''}`)
      throw error
    }
  }
  assert.match(said(() => [{ host: ['a'], message: 'x' }]).join(), /unknown option "host"|did you mean "hosts"/)
  assert.match(said(() => [{ hosts: 'a', message: 'x' }]).join(), /hosts of what validateSite of role web gives/)
  assert.match(said(() => [{ hosts: ['a'], message: 7 }]).join(), /message of what validateSite of role web gives/)
  assert.match(said(() => Promise.resolve([])).join(), /to give a list of .* got a promise/)
  assert.match(said(() => 'no').join(), /to give a list/)
})

test('a misspelt variable gets a hint', () => {
  assert.match(problems([all], {}, '    web: { prot: 1 }\n')[0]?.hint ?? '', /"port"/)
})

test('a name that no role reads is not an error', () => {
  assert.is(units([all], {}, '    wbe: { port: 1 }\n    nginx_port: 80\n').length, names([all]).length)
})

test('all problems are reported at once', () => {
  const wrong: Play[] = [
    { ...all, after: ['nowhere'] },
    { name: 'two', hosts: 'frist', roles: [db] },
  ]
  const codes = problems(wrong, { roles: ['dv'], limit: 'z' }, '    web: { port: x }\n').map((problem) => problem.code)
  for (const code of ['playbook', 'usage', 'pattern'])
    assert.ok(codes.includes(code as Problem['code']), `${code} in ${codes.join()}`)
})

test('a play cannot wait for one behind it, nor share its name', () => {
  assert.match(
    problems([
      { ...all, after: ['later'] },
      { ...all, name: 'later' },
    ])[0]?.message ?? '',
    /comes after it/,
  )
  assert.match(problems([{ ...all, after: ['all'] }])[0]?.message ?? '', /waits for itself/)
  assert.match(problems([all, all])[0]?.message ?? '', /two plays/)
})

for (const [what, plays, options, says] of [
  ['a playbook without plays', [], {}, 'playbook test has no plays'],
  ['plays without roles', [{ ...all, roles: [] }], {}, 'no play of test has a role'],
  ['hosts that no play has', [all], { limit: 'x' }, 'the hosts of "x" leave nothing of playbook test'],
  [
    'tags that leave nothing',
    [all],
    { tags: ['http'], skipTags: ['http'] },
    'roles and tags that were asked for leave',
  ],
  ['both', [all], { roles: ['db'], limit: 'x' }, 'asked for, and the hosts of "x" leave nothing'],
] as readonly (readonly [string, Play[], Selection, string])[])
  test(`${what}: a run says that it has nothing to do, and why`, () => {
    assert.match(nothingToDo(playbook({ name: 'test', plays }), { mode: 'apply', ...options }).message, says)
  })

test.run()
