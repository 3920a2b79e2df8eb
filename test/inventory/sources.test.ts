import { chmodSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError, type Problem } from '../../lib/errors.ts'
import type { Inventory } from '../../lib/inventory/inventory.ts'
import { flatLevels } from '../../lib/inventory/variables/layer.ts'
import { selectLimit } from '../../lib/inventory/patterns/limit.ts'
import { groupTree, listing } from '../../lib/inventory/patterns/listing.ts'
import { loadInventory } from '../../lib/inventory/load.ts'
import { openInventory } from '../../lib/inventory/sources/open.ts'
import { inventory as typed } from '../../lib/inventory/sources/typed.ts'
import { wrongValues } from '../../lib/inventory/sources/typed-values.ts'
import { secret } from '../../lib/secret.ts'
import { problemsOf } from '../support/problems.ts'
import { directoryOf, hostIn } from './support.ts'

const importNothing = () => Promise.reject(new Error('there is no module here'))

function valueOf(inventory: Inventory, host: string, name: string): unknown {
  return flatLevels(hostIn(inventory, host).layers, name).at(-1)?.value
}

function namesOf({ hosts }: Inventory): string[] {
  return hosts.map(({ name }) => name)
}

async function refused(work: () => Promise<unknown>): Promise<readonly Problem[]> {
  try {
    await work()
  } catch (error) {
    if (error instanceof RolecallError) return error.problems
    throw error
  }
  throw new Error('expected a refusal')
}

function program(text: string, more: Record<string, string> = {}): string {
  const directory = directoryOf({ 'cloud.sh': `#!/bin/sh\n${text}\n`, ...more })
  chmodSync(join(directory, 'cloud.sh'), 0o755)
  return directory
}

test('an INI inventory: hosts, ranges, ports, children, variables as Python has them', () => {
  const directory = directoryOf({
    inventory: `
; a comment
lone ansible_host=10.0.0.1   # another
[web]
www[01:03].example.com x="two words" y=80 z='[1, "a"]'
db:2222 flag=True text=yes mode=0644
[web:vars]
big=123456789012345678901
hash = #1
port=80 # of the site
quoted='single'
[site:children]
web
later
[later]
[c:children]
`,
  })
  const inventory = loadInventory(join(directory, 'inventory'))
  assert.equal(namesOf(inventory), ['lone', 'www01.example.com', 'www02.example.com', 'www03.example.com', 'db'])
  assert.equal(
    ['x', 'y', 'z'].map((name) => valueOf(inventory, 'www02.example.com', name)),
    ['two words', 80, [1, 'a']],
  )
  assert.equal(
    ['flag', 'text', 'mode', 'big', 'hash', 'port', 'quoted', 'ansible_port'].map((name) =>
      valueOf(inventory, 'db', name),
    ),
    [true, 'yes', '0644', '123456789012345678901', '#1', 80, 'single', 2222],
  )
  assert.equal(inventory.groups.get('site')?.children, ['web', 'later'])
  assert.equal(hostIn(inventory, 'db').place, { file: join(directory, 'inventory'), line: 6, column: 1 })
  assert.equal(flatLevels(hostIn(inventory, 'db').layers, 'flag')[0]?.place?.line, 6)
})

const wrongIni: Record<string, [text: string, says: string]> = {
  'a child that is not there': ['[a:children]\nb\n', 'the group "b" is a child of a, and it is not there'],
  'variables of a group that is not there': [
    '[a:vars]\nx=1\n',
    'the section [a:vars] gives variables to a group that is not there',
  ],
  'a section of an unknown kind': ['[a:host]\nh\n', 'the section [a:host] has an unknown kind'],
  'a section with a space': ['[a b]\nh\n', 'this is not a section: its name has no spaces, and at most one colon'],
  'a quote that is not closed': [
    'h x="a\n',
    'the line cannot be divided into words: a quote " is opened and not closed',
  ],
  'a word that is no variable': ['h one two\n', '"one" is not a variable of the host'],
  'a line that is no variable': ['[all:vars]\nx\n', 'the line gives no variable of group all a value'],
  'a comment that begins with ; after a section': ['[a];c\nh\n', 'there is text after the name of a section'],
  'an address in brackets where sections are': [
    '[2001:db8::1]\n',
    'this is not a section: its name has no spaces, and at most one colon',
  ],
  'a range with a hyphen': ['h[1-3]\n', 'the host range "h[1-3]" is wrong: [1-3] is not a range'],
  'a host with a colon at its end': ['[a]\nh: x=1\n', '"h:" cannot be the name of a host'],
  'a range that ends before it begins': ['h[3:1]\n', 'the host range "h[3:1]" is wrong: [3:1] ends before it begins'],
}

for (const [name, [text, says]] of Object.entries(wrongIni)) {
  test(`refused in INI: ${name}`, () => {
    const [problem] = problemsOf(() => loadInventory(join(directoryOf({ hosts: text }), 'hosts')))
    assert.is(problem?.message, says)
    assert.type(problem?.place?.line, 'number')
    assert.type(problem?.hint, 'string', 'what to do next')
  })
}

test('a line of an INI inventory ends wherever one ends to Python, as in Ansible', () => {
  for (const end of ['\n', '\r\n', '\r', '\f', '\v', '\u0085', '\u2028']) {
    const { hosts } = loadInventory(join(directoryOf({ hosts: `[web]${end}a x=1${end}b y=2${end}` }), 'hosts'))
    assert.equal(
      hosts.map(({ name }) => name),
      ['a', 'b'],
      JSON.stringify(end),
    )
  }
})

test('comments in another encoding do no harm, and hosts in one are refused', () => {
  const directory = directoryOf({
    hosts: Buffer.from('# Zürich\na\n', 'latin1'),
    other: Buffer.from('zürich\n', 'latin1'),
  })
  assert.equal(namesOf(loadInventory(join(directory, 'hosts'))), ['a'])
  assert.is(problemsOf(() => loadInventory(join(directory, 'other')))[0]?.message, 'the file is not valid UTF-8')
})

test('a directory means every file in it in alphabetical order, without what Ansible leaves out', () => {
  const directory = directoryOf({
    '1-hosts': 'a x=1\n[g]\na\n',
    '2-more.yml': 'g: { vars: { y: 2 }, hosts: { b: , a: { x: 2 } } }\n',
    '3-all.json': '{ "g": { "hosts": { "c": {} } } }',
    'sub/deep': '[g]\nd\n',
    'hosts.ini': 'no1\n',
    'old.bak': 'no2\n',
    'x.retry': 'no3\n',
    'x.cfg': 'no4\n',
    '.hidden': 'no5\n',
    'notes.txt': 'no6\n',
    'README.md': 'no7\n',
    README: 'Nothing to see: here\n',
    'tool.py': 'import os\nprint("x y")\n',
    'group_vars/g.yml': 'z: 3\n',
  })
  const inventory = loadInventory(directory)
  assert.equal(namesOf(inventory), ['a', 'b', 'c', 'd'])
  assert.equal(
    ['x', 'y', 'z'].map((name) => valueOf(inventory, 'a', name)),
    [2, 2, 3],
  )
})

test('several inventories are merged, and a later one has precedence', () => {
  const one = directoryOf({ hosts: '[web]\na x=1\nb\n', 'group_vars/web': 'y: 1\nz: 1\n' })
  const two = directoryOf({ hosts: '[web]\nc\na x=2\n', 'group_vars/all': 'y: 2\n', 'group_vars/web': 'z: 2\n' })
  const inventory = loadInventory([join(one, 'hosts'), two, 'd,e:22,'])
  assert.equal(namesOf(inventory), ['d', 'e', 'a', 'b', 'c'])
  assert.equal(
    ['x', 'y', 'z'].map((name) => valueOf(inventory, 'a', name)),
    [2, 1, 2],
  )
})

test('a host of the command line needs its comma', () => {
  assert.equal(namesOf(loadInventory('10.0.0.1,')), ['10.0.0.1'])
  assert.equal(namesOf(loadInventory('fe80::1, h1 ,,h[1:2],k[3:3],[::1]:22')), [
    'fe80::1',
    'h1',
    'h[1:2]',
    'k[3:3]',
    '::1',
  ])
  assert.is(problemsOf(() => loadInventory('all,h1'))[0]?.message, 'a host cannot be called "all"')
  assert.match(problemsOf(() => loadInventory('h1'))[0]?.hint ?? '', /if h1 is a host, write -i h1,/)
})

test('a program is asked --list, and its _meta has the variables', async () => {
  const directory = program(
    `[ "$1" = --list ] && echo '{ "web": { "hosts": ["a", "b"], "vars": { "x": 1 }, "children": ["sub"] }, "sub": ["c"], "one": { "v": 2 }, "_meta": { "hostvars": { "a": { "ansible_port": 23 } } } }'`,
  )
  const inventory = await openInventory(join(directory, 'cloud.sh'), { importModule: importNothing })
  assert.equal(
    namesOf(inventory),
    ['one', 'a', 'b', 'c'].sort((x, y) => namesOf(inventory).indexOf(x) - namesOf(inventory).indexOf(y)),
  )
  assert.is(valueOf(inventory, 'c', 'x'), 1)
  assert.is(valueOf(inventory, 'a', 'ansible_port'), 23)
  assert.is(valueOf(inventory, 'one', 'v'), 2)
  assert.match(
    problemsOf(() => loadInventory(directory))[0]?.message ?? '',
    /is a program or a module, and was not asked/,
  )
})

test('a program without _meta is asked --host for each host', async () => {
  const directory = program(
    `case "$1" in --list) echo '{ "web": ["a", "b"] }';; --host) echo "{ \\"me\\": \\"$2\\" }";; esac`,
  )
  const inventory = await openInventory(directory, { importModule: importNothing })
  assert.equal([valueOf(inventory, 'a', 'me'), valueOf(inventory, 'b', 'me')], ['a', 'b'])
})

test('a program that fails or prints no JSON is reported with its output', async () => {
  const [failed] = await refused(() =>
    openInventory(program('echo no credentials >&2; exit 3'), { importModule: importNothing }),
  )
  assert.match(failed?.message ?? '', /the inventory program .*cloud.sh --list failed/)
  assert.is(failed?.got, 'exit code 3')
  assert.is(failed?.output, 'no credentials')
  const [garbled] = await refused(() => openInventory(program('echo hello'), { importModule: importNothing }))
  assert.match(garbled?.message ?? '', /answers no JSON/)
})

test('an executable file that is not a program is read by its content', () => {
  const directory = directoryOf({ hosts: '[web]\na\n' })
  chmodSync(join(directory, 'hosts'), 0o755)
  assert.equal(namesOf(loadInventory(directory)), ['a'])
})

const module = (value: unknown) => ({ importModule: () => Promise.resolve(value) })

test('an inventory in code gives hosts, groups and variables, also later', async () => {
  const directory = directoryOf({ 'hosts.ts': '' })
  const opened = await openInventory(
    directory,
    module(
      typed(async () => {
        await Promise.resolve()
        return {
          vars: { site: 'one' },
          hosts: { 'web[1:2]': { ansible_host: '10.0.0.1', deep: { list: [1] } }, db: null },
          groups: {
            web: ['web1', 'web2'],
            prod: { children: ['web'], hosts: ['extra'], vars: { token: secret('hunter2') } },
          },
        }
      }),
    ),
  )
  assert.equal(namesOf(opened), ['web1', 'web2', 'db', 'extra'])
  assert.equal(valueOf(opened, 'web2', 'deep'), { list: [1] })
  assert.is(valueOf(opened, 'extra', 'site'), 'one')
  assert.equal(
    opened.groups.get('ungrouped')?.hosts.map(({ name }) => name),
    ['db'],
  )
  assert.ok(valueOf(opened, 'web1', 'token') === valueOf(opened, 'extra', 'token'))
})

const round: Record<string, unknown> = {}
round['again'] = [round]

const noData: readonly [value: unknown, got: string][] = [
  [Promise.resolve('10.0.0.1'), 'a promise'],
  [() => '10.0.0.1', 'a function'],
  [NaN, 'NaN'],
  [10n, 'a bigint'],
  [Symbol('x'), 'a symbol'],
  [new Date(0), 'a date'],
  [new Map([['a', 1]]), 'a Map'],
  [new Set(['a']), 'a Set'],
  [new URL('https://example.org'), 'an instance of URL'],
]

test('what is no data in an inventory in code is refused with its path, and does not become {} or nothing', () => {
  assert.equal(
    noData.map(([value]) => wrongValues({ hosts: { a: { x: value } } }).map(({ where, got }) => [where, got])),
    noData.map(([, got]) => [['hosts.a.x', got]]),
  )
  assert.equal(wrongValues(round), [{ where: 'again.0', got: 'a value that contains itself' }])
  const fine = { hosts: { a: { x: undefined, y: null, z: [1, 'a', true, { b: secret('s') }] } } }
  assert.equal(wrongValues(fine), [])
  const shared = { port: 80 }
  assert.equal(wrongValues({ a: shared, b: shared }), [])
})

test('variables of a host under "vars" are noted', () => {
  const remarks = (text: string) => {
    const inventory = loadInventory(join(directoryOf({ 'hosts.yml': text }), 'hosts.yml'))
    return inventory.notes.map(({ message }) => message)
  }
  assert.ok(
    remarks('all: { hosts: { a: { vars: { x: 1 } } } }\n').some((note) => note.includes('a host has no "vars"')),
  )
  assert.equal(remarks('all: { hosts: { a: { vars: text } } }\n'), [])
})

const wrongModules: [value: unknown, says: RegExp][] = [
  [undefined, /hosts.ts does not export an inventory/],
  [{ hosts: [] }, /hosts.ts does not export an inventory/],
  [typed(() => Promise.reject(new Error('the API says 403'))), /hosts.ts throws: the API says 403/],
  // @ts-expect-error what JavaScript may give
  [typed({ hosts: 'a' }), /hosts in .*hosts.ts has a wrong shape/],
  // @ts-expect-error what JavaScript may give
  [typed({ group: {} }), /the inventory in .*hosts.ts has a wrong shape/],
  ...noData.map(([value]): [unknown, RegExp] => [
    // @ts-expect-error what JavaScript may give
    typed({ hosts: { a: { x: [value] } } }),
    /^hosts\.a\.x\.0 is not data$/,
  ]),
]

for (const [value, says] of wrongModules) {
  test(`refused of an inventory in code: ${says.source}`, async () => {
    const [problem] = await refused(() => openInventory(directoryOf({ 'hosts.ts': '' }), module(value)))
    assert.match(problem?.message ?? '', says)
  })
}

test('TOML and files of plugins have errors of their own, with a hint', () => {
  const [toml] = problemsOf(() => loadInventory(join(directoryOf({ 'x.toml': '[all]\n' }), 'x.toml')))
  assert.match(toml?.message ?? '', /x.toml is a TOML inventory/)
  assert.match(toml?.hint ?? '', /ansible-inventory -i .*x.toml --list --yaml/)
  const [plugin] = problemsOf(() => loadInventory(directoryOf({ 'aws_ec2.yml': 'plugin: aws_ec2\nregions: [x]\n' })))
  assert.match(plugin?.message ?? '', /configures the inventory plugin aws_ec2, which is Python code of Ansible/)
  assert.match(plugin?.hint ?? '', /inventory\/hosts.ts with inventory/)
  const directory = directoryOf({ hosts: 'h\n', 'z.yml': 'plugin: ansible.builtin.constructed\ngroups: {}\n' })
  const [constructed] = problemsOf(() => loadInventory(directory))
  assert.match(constructed?.hint ?? '', /outside of \S+ with the lines .* "exec ansible-inventory -i \S+ --list"/)
  assert.ok(constructed?.hint?.includes(`-i ${directory} --list`), 'it has no hosts without the other sources')
})

test('-l @FILE has a pattern on each line', () => {
  const directory = directoryOf({ hosts: '[web]\na\nb\nc\n', 'failed.txt': 'c\n\n# not these\na\n' })
  const inventory = loadInventory(join(directory, 'hosts'))
  const chosen = (limit: string) => selectLimit(inventory, limit).map(({ name }) => name)
  assert.equal(chosen(`@${directory}/failed.txt`), ['c', 'a'])
  assert.equal(chosen(`@${directory}/failed.txt,!c`), ['a'])
  assert.match(problemsOf(() => chosen('@nowhere'))[0]?.message ?? '', /the file nowhere of --limit cannot be read/)
})

test('the listing has the shape of ansible-inventory --list and --graph, and opens no secret', () => {
  const directory = directoryOf({
    hosts: 'lone x=1\n[web]\na ansible_password=hunter22\n[site:children]\nweb\n',
    'group_vars/web': 'y: !vault |\n  sealed\n',
  })
  const inventory = loadInventory(join(directory, 'hosts'))
  const { _meta, ...groups } = listing(inventory)
  assert.equal(groups, {
    all: { children: ['ungrouped', 'site'] },
    ungrouped: { hosts: ['lone'] },
    site: { children: ['web'] },
    web: { hosts: ['a'] },
  })
  assert.equal(Object.keys(_meta.hostvars['a'] ?? {}).sort(), ['ansible_password', 'y'])
  assert.equal(_meta.hostvars['lone'], { x: 1 })
  assert.equal(groupTree(inventory), [
    '@all:',
    '  |--@ungrouped:',
    '  |  |--lone',
    '  |--@site:',
    '  |  |--@web:',
    '  |  |  |--a',
  ])
})

test('the digest changes with every file that is read, and with no other', () => {
  const directory = directoryOf({ hosts: 'a\n', 'group_vars/all': 'x: 1\n' })
  const before = loadInventory(directory).digest()
  writeFileSync(join(directory, 'notes.md'), 'x')
  assert.is(loadInventory(directory).digest(), before)
  writeFileSync(join(directory, 'group_vars/all'), 'x: 2\n')
  assert.is.not(loadInventory(directory).digest(), before)
})

test('links among the files of a directory are followed, and a dangling one is refused', () => {
  const directory = directoryOf({ hosts: 'a\n' })
  symlinkSync('gone', join(directory, 'other'))
  assert.match(
    problemsOf(() => loadInventory(directory))[0]?.message ?? '',
    /is a symbolic link to a file that is not there/,
  )
})

test.run()
