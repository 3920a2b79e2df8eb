import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { flatLevels, layerOf, levelsOf } from '../../lib/inventory/variables/layer.ts'
import { levelName, placeOf, resolve } from '../../lib/inventory/variables/level.ts'
import type { Level } from '../../lib/inventory/variables/level.ts'
import { loadInventory } from '../../lib/inventory/load.ts'
import { problemsOf } from '../support/problems.ts'
import { directoryOf, hostIn, placeIn } from './support.ts'

const files = {
  'hosts.yml': `all:
  vars:
    dns-server: { listen: 1 }
  children:
    web:
      vars: { dns-server: { listen: 4 } }
      hosts:
        a: { dns-server: { listen: 7 } }
    dns:
      hosts: { a: }
`,
  'group_vars/all/one.yml': 'dns-server:\n  listen: 2\n',
  'group_vars/all/two.yml': 'dns-server:\n  listen: 3\n',
  'group_vars/web.yml': 'dns-server:\n  listen: 5\n',
  'group_vars/dns.yml': 'dns-server:\n  listen: 6\n',
  'host_vars/a.yml': 'dns-server:\n  listen: 8\n',
}

function levelsIn(directory: string, name: string, extra: readonly string[] = []): readonly Level[] {
  return levelsOf(hostIn(loadInventory(directory, { extra }), 'a').layers).get(name) ?? []
}

test('the levels of a variable are all places that set it, the lowest first', () => {
  const directory = directoryOf(files)
  const rows = levelsIn(directory, 'dns-server.listen', ['dns-server.listen=9']).map(
    (level) => `${String(level.value)} ${levelName(level)} ${placeIn(level.place, directory)}`,
  )
  assert.equal(rows, [
    '1 group all hosts.yml:3:19',
    '4 group web hosts.yml:6:29',
    '2 group all group_vars/all/one.yml:2:3',
    '3 group all group_vars/all/two.yml:2:3',
    '6 group dns group_vars/dns.yml:2:3',
    '5 group web group_vars/web.yml:2:3',
    '7 host a hosts.yml:8:28',
    '8 host a host_vars/a.yml:2:3',
    '9 -e -e dns-server.listen=...',
  ])
})

test('the five levels of precedence: role default, group, host, playbook, -e', () => {
  const host = hostIn(loadInventory(directoryOf(files), { extra: ['dns-server.listen=9'] }), 'a')
  const defaults = layerOf('default', 'dns-server', { listen: 0, port: 53 })
  const playbook = layerOf('playbook', 'dns-server', { listen: 'p' }, { file: 'playbooks/site.ts' })
  const levels = levelsOf([...host.layers, playbook, defaults])
  const resolved = resolve(levels.get('dns-server.listen') ?? [])
  assert.is(resolved?.value, 9)
  assert.equal(
    resolved?.levels.map(({ rank }) => rank),
    ['default', 'group', 'group', 'group', 'group', 'group', 'group', 'host', 'host', 'playbook', 'extra'],
  )
  assert.equal(resolved?.levels.at(-2)?.place, { file: 'playbooks/site.ts' })
  assert.is(resolve(levels.get('dns-server.port') ?? [])?.level.rank, 'default')
  assert.is(resolve([]), undefined)
})

test('the winner does not depend on the order in which the levels are given', () => {
  const levels = (['extra', 'host', 'default', 'playbook', 'group'] as const).map((rank) => ({
    rank,
    name: 'a.b',
    value: rank,
  }))
  assert.is(resolve(levels)?.value, 'extra')
  assert.equal(
    resolve(levels)?.levels.map(({ rank }) => rank),
    ['default', 'group', 'host', 'playbook', 'extra'],
  )
})

test('-e sets a variable as a whole', () => {
  for (const arg of ['dns.zones[0].name=x', 'dns.zones.name=x']) {
    const [problem] = problemsOf(() => levelsIn(directoryOf({ 'hosts.yml': 'all:\n  hosts:\n    a:\n' }), '', [arg]))
    assert.is(problem?.message, '-e sets a part of a variable, and a variable is replaced as a whole')
    assert.is(problem?.hint, "write the whole value, as in -e 'dns.zones={ ... }'")
  }
})

test('a value replaces the one below as a whole: maps are not merged', () => {
  const directory = directoryOf({
    'hosts.yml': 'all:\n  hosts:\n    a:\n',
    'group_vars/all.yml': 'app:\n  limits: { soft: 1, hard: 2 }\n',
    'host_vars/a.yml': 'app:\n  limits: { soft: 9 }\n',
  })
  assert.equal(resolve(levelsIn(directory, 'app.limits'))?.value, { soft: 9 })
})

test('the place of a value inside a variable is the place of its node', () => {
  const directory = directoryOf({
    'hosts.yml': 'all:\n  hosts:\n    a:\n',
    'group_vars/all.yml': `dns-server:
  zones:
    - name: host.com
      records: { a: 10.0.0.1 }
    - &two
      name: thtf.com
      notes:
  copy: *two
  nothing:
`,
  })
  const at = (name: string, path: (string | number)[]): string => {
    const [level] = levelsIn(directory, `dns-server.${name}`)
    return level === undefined
      ? 'no level'
      : placeIn(placeOf(level, path), directory).replace('group_vars/all.yml:', '')
  }
  assert.is(at('zones', []), '3:5')
  assert.is(at('zones', [0]), '3:7')
  assert.is(at('zones', [0, 'records', 'a']), '4:21')
  assert.is(at('zones', [1, 'name']), '6:13')
  assert.is(at('zones', [1, 'notes']), '7:7', 'a value that is empty has the place of its key')
  assert.is(at('zones', [1, 'missing', 'deep']), '6:7', 'what is missing has the place of what should hold it')
  assert.is(at('zones', [7]), '3:5')
  assert.is(at('copy', ['name']), '6:13', 'through an alias it is where the text stands')
  assert.is(at('nothing', []), '9:3')
})

test('a value that came from TypeScript has the place it was given', () => {
  const level = layerOf('playbook', 'app', { x: { y: 1 } }, { file: 'site.ts' }).levels.get('app.x')
  assert.equal(level && placeOf(level, ['y']), { file: 'site.ts' })
})

test('values are frozen, since hosts share them', () => {
  const [level] = levelsIn(directoryOf({ 'hosts.yml': 'all:\n  hosts: { a: { app: { x: [{ y: 1 }] } } }\n' }), 'app.x')
  const value = level?.value as { y: number }[]
  assert.throws(() => value.push({ y: 2 }))
  assert.ok(Object.isFrozen(value[0]))
})

test('a key called __proto__ is a key like any other', () => {
  const [level] = levelsIn(
    directoryOf({ 'hosts.yml': 'all:\n  hosts: { a: { app: { x: { __proto__: { bad: 1 } } } } }\n' }),
    'app.x',
  )
  assert.equal(Object.keys(level?.value as object), ['__proto__'])
  assert.is((level?.value as { bad?: number }).bad, undefined)
})

const values: Record<string, unknown> = {
  'app.x=5': 5,
  'app.x=text': 'text',
  'app.x="05"': '05',
  'app.x=[1, two]': [1, 'two'],
  'app.x={a: true}': { a: true },
  'app.x=': '',
  'app.x=null': null,
  'app.x=a=b': 'a=b',
  'app.x=10.0.0.1': '10.0.0.1',
}

for (const [arg, value] of Object.entries(values)) {
  test(`-e ${arg} gives ${JSON.stringify(value)}`, () => {
    const [level] = levelsIn(directoryOf({ 'hosts.yml': 'all:\n  hosts:\n    a:\n' }), 'app.x', [arg])
    assert.equal(level?.value, value)
    assert.equal(level?.place, { file: '-e app.x=...' })
    assert.is(level?.rank, 'extra')
  })
}

test('-e takes an object of variables, in JSON or YAML, as Ansible does, and no message repeats it', () => {
  const directory = directoryOf({ 'hosts.yml': 'all:\n  hosts:\n    a:\n' })
  for (const object of ['{"app": {"x": 7}}', ' {app: {x: 7}}']) {
    const [level] = levelsIn(directory, 'app.x', [object])
    assert.equal([level?.value, level?.place?.file, level?.rank], [7, '-e {...}', 'extra'])
  }
  for (const wrong of ['{"app": {"x": 7}', '[1, 2]', '{"app": "geheim"'])
    for (const problem of problemsOf(() => loadInventory(directory, { extra: [wrong] }))) {
      assert.is(problem.place?.file, '-e {...}')
      assert.not.match(JSON.stringify(problem), /geheim/)
    }
  const [list] = problemsOf(() => loadInventory(directory, { extra: ['[1]'] }))
  assert.is(list?.message, '-e gives a list, which names no variable')
})

test('a second variable in one -e, as Ansible takes it, is part of the first one here, and a note says so', () => {
  const directory = directoryOf({ 'hosts.yml': 'all:\n  hosts:\n    a:\n' })
  const notesOf = (argument: string) =>
    loadInventory(directory, { extra: [argument] }).notes.map(({ message }) => message)
  assert.equal(notesOf('app.x=1 app.y=2'), [
    'app.y=... is part of the value of the variable before it: one -e gives one variable',
  ])
  for (const one of ['app.x=-Xmx1g -Dfoo=bar', 'app.x="a b=c"', 'app.x={ a: b=c }', 'app.x=a b'])
    assert.equal(notesOf(one), [], one)
})

test('-e @FILE is a file of variables, and a later -e replaces an earlier one', () => {
  const directory = directoryOf({ 'hosts.yml': 'all:\n  hosts:\n    a:\n', 'more.yml': 'app:\n  x: 1\n' })
  const levels = levelsIn(directory, 'app.x', [`@${join(directory, 'more.yml')}`, 'app.x=2'])
  assert.equal(
    levels.map((level) => [level.value, placeIn(level.place, directory)]),
    [
      [1, 'more.yml:2:3'],
      [2, '-e app.x=...'],
    ],
  )
})

test('a name that no role reads is kept with its raw value, its place and its levels', () => {
  const directory = directoryOf({
    'hosts.yml': 'all:\n  vars: { nginx_port: 80 }\n  hosts: { a: { deep: { x: [{ y: "{{ z }}" }] } } }\n',
    'group_vars/all.yml': 'nginx_port: 8080\ndns.listen: 1\n- odd: yes\n'.replace('- odd', 'odd name'),
  })
  const host = hostIn(loadInventory(directory, { extra: ['nginx_port=9'] }), 'a')
  assert.equal(
    flatLevels(host.layers, 'nginx_port').map((level) => [
      level.value,
      levelName(level),
      placeIn(level.place, directory),
    ]),
    [
      [80, 'group all', 'hosts.yml:2:11'],
      [8080, 'group all', 'group_vars/all.yml:1:1'],
      [9, '-e', '-e nginx_port=...'],
    ],
  )
  assert.equal(flatLevels(host.layers, 'deep')[0]?.value, { x: [{ y: '{{ z }}' }] })
  assert.equal(flatLevels(host.layers, 'odd name')[0]?.value, true)
  assert.equal(flatLevels(host.layers, 'dns.listen')[0]?.value, 1)
})

test("the order of precedence is Ansible's: what the inventory says of groups, then group_vars, then the host", () => {
  const directory = directoryOf({
    'inventory/hosts.yml':
      'all:\n  vars: { x: 1 }\n  children:\n    b: { vars: { x: 2 }, children: { a: { vars: { x: 3 }, hosts: { h: { x: 9 } } } } }\n',
    'inventory/group_vars/all.yml': 'x: 4\n',
    'group_vars/all.yml': 'x: 5\n',
    'playbooks/group_vars/all.yml': 'x: 6\n',
    'inventory/group_vars/b.yml': 'x: 7\n',
    'playbooks/group_vars/b.yml': 'x: 8\n',
    'inventory/host_vars/h.yml': 'x: 10\n',
    'playbooks/host_vars/h.yml': 'x: 11\n',
  })
  const beside = [directory, join(directory, 'playbooks')]
  const host = hostIn(loadInventory(join(directory, 'inventory'), { beside, extra: ['x=12'] }), 'h')
  assert.equal(
    flatLevels(host.layers, 'x').map(({ value }) => value),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  )
})

test.run()
