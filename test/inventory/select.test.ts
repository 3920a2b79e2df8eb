import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { flatLevels } from '../../lib/inventory/variables/layer.ts'
import { selectHosts } from '../../lib/inventory/patterns/select.ts'
import { problemsOf } from '../support/problems.ts'
import { inventoryOf } from './support.ts'

const inventory = inventoryOf({
  'hosts.yml': `
all:
  hosts:
    node-[01:05]:
  children:
    dns: { hosts: { node-01: } }
    ca: { hosts: { node-02: } }
    docker: { hosts: { node-03: , node-04: , node-05: } }
    registry: { hosts: { node-05: } }
    empty:
`,
})

function names(pattern: string): string {
  return selectHosts(inventory, pattern)
    .map(({ name }) => name.replace('node-0', ''))
    .join('')
}

const patterns: Record<string, string> = {
  all: '12345',
  '*': '12345',
  'node-03': '3',
  docker: '345',
  'dns:ca': '12',
  'ca,dns': '21',
  'dns, ca': '12',
  'docker:&registry': '5',
  '&registry:docker': '5',
  'docker:!registry': '34',
  '!dns': '2345',
  'all:!dns:!ca': '345',
  'dns:docker:&registry': '5',
  'node-0*': '12345',
  'node-0[1-3]': '123',
  'node-0[!1-3]': '45',
  'node-0?': '12345',
  'd*': '1345',
  'docker[0]': '3',
  'docker[-1]': '5',
  'docker[0:1]': '34',
  'docker[1:]': '45',
  'docker[:1]': '34',
  'docker[-2:]': '45',
  'docker[0:9]': '345',
  'docker[0:-2]': '34',
  'node-0*[1:2]': '23',
  '~node-0(1|5)': '15',
  '~.*0[1-2]$': '12',
  '~node-0(?:1|2):!dns': '2',
  '~node-0{1,2}1': '1',
  '~do': '345',
  'a*': '12345',
  'dns,': '1',
  'dns,,ca': '12',
  'docker:': '345',
  'dns ca': '12',
  ',dns': '1',
  'all:!empty': '12345',
  'empty,dns': '1',
  'docker[0-1]': '34',
  'docker[2:0]': '5',
  'node-0[^1]': '1',
  '~(?i)NODE-0(?P<n>[1])': '1',
  '~node-0[12]\\Z': '12',
  '~node-0[]1]': '1',
  '~(?:docker|dns)': '1345',
  localhost: 'localhost',
  '127.0.0.1,dns': '127.0.0.11',
}

for (const [pattern, expected] of Object.entries(patterns)) {
  test(`${pattern} means ${expected}`, () => assert.is(names(pattern), expected))
}

const refusals: [pattern: string, message: string, hint: RegExp][] = [
  ['node-1', 'the pattern "node-1" matches no host', /did you mean node-01\?/],
  ['dsn', 'the pattern "dsn" matches no host', /did you mean dns\?/],
  ['docker:!registri', 'the pattern "!registri" in "docker:!registri" matches no host', /did you mean registry\?/],
  ['all:&dokcer', 'the pattern "&dokcer" in "all:&dokcer" matches no host', /did you mean docker\?/],
  ['web*', 'the pattern "web*" matches no host', /rolecall list hosts/],
  ['~web', 'the pattern "~web" matches no host', /rolecall list hosts/],
  ['~web(', 'the pattern "~web(" is wrong: ~web( is not a regular expression', /fix the expression/],
  ['docker[3]', 'the pattern "docker[3]" matches no host', /the first host is docker\[0\], the last docker\[-1\]/],
  ['docker[-4]', 'the pattern "docker[-4]" matches no host', /the first host is docker\[0\]/],
  ['docker[2:1]', 'the pattern "docker[2:1]" matches no host', /the last docker\[-1\]/],
  [
    'node-[01:03]',
    'the pattern "node-[01:03]" matches no host',
    /"node-" is none; for a run of hosts write a wildcard, such as node-\*/,
  ],
  ['empty', 'the group "empty" has no hosts', /rolecall list hosts/],
  ['dns:&docker', 'the pattern "dns:&docker" leaves no host', /none is left/],
  ['dns:!dns', 'the pattern "dns:!dns" leaves no host', /none is left/],
  ['dns,!', 'the pattern "dns,!" is wrong: nothing follows a & or !', /write the name/],
  ['', 'the pattern "" is empty', /./],
  ['dns:ca,docker', 'the pattern "dns:ca,docker" is wrong: it has commas and colons', /commas only, or colons only/],
  ['node-0[1', 'the pattern "node-0[1" matches no host', /close the bracket/],
]

for (const [pattern, message, hint] of refusals) {
  test(`"${pattern}" is refused: ${message}`, () => {
    const [problem] = problemsOf(() => selectHosts(inventory, pattern))
    assert.is(problem?.code, 'pattern')
    assert.ok(problem?.message.startsWith(message), problem?.message)
    assert.match(problem?.hint ?? '', hint)
  })
}

test('every part that matches nothing is named at once, with the groups there are', () => {
  const problems = problemsOf(() => selectHosts(inventory, 'web,dns,!node-9', () => ({ file: 'playbooks/site.ts' })))
  assert.equal(
    problems.map(({ message }) => message),
    [
      'the pattern "web" in "web,dns,!node-9" matches no host',
      'the pattern "!node-9" in "web,dns,!node-9" matches no host',
    ],
  )
  assert.is(problems[0]?.expected, 'a host or one of the groups all, dns, ca, docker, registry')
  assert.equal(problems[0]?.place, { file: 'playbooks/site.ts' })
})

test("a slice of a group is of the group's own order", () => {
  const { groups, ...rest } = inventoryOf({
    'hosts.yml': 'a: { hosts: { h1: , h2: , h3: } }\nb: { hosts: { h3: , h1: } }\nc: { children: { b: , a: } }\n',
  })
  const chosen = (pattern: string) => selectHosts({ groups, ...rest }, pattern).map(({ name }) => name)
  assert.equal(chosen('b[0]'), ['h3'])
  assert.equal(chosen('b'), ['h3', 'h1'])
  assert.equal(chosen('c'), ['h3', 'h1', 'h2'])
  assert.equal(chosen('c[1:]'), ['h1', 'h2'])
  assert.equal(chosen('all'), ['h3', 'h1', 'h2'])
})

test('a name shared by host and group means the host alone, and the group after & or !', () => {
  const shared = inventoryOf({ 'hosts.yml': 'web: { hosts: { web: , other: } }\nall: { hosts: { far: } }\n' })
  const chosen = (pattern: string) => selectHosts(shared, pattern).map(({ name }) => name)
  assert.equal(chosen('web'), ['web'])
  assert.equal(chosen('all:!web'), ['far'])
  assert.equal(chosen('all:&web'), ['web', 'other'])
  assert.equal(chosen('web[1]'), ['other'])
})

test('localhost exists without an inventory, with a local connection, and an inventory may define it', () => {
  const empty = inventoryOf({ 'hosts.yml': 'all: { vars: { ansible_become: true, ansible_connection: ssh, x: 1 } }\n' })
  const [local] = selectHosts(empty, 'localhost')
  assert.equal(local?.connection, { kind: 'local', become: { user: 'root' } })
  assert.is(flatLevels(local?.layers ?? [], 'x')[0]?.value, 1)
  assert.is(problemsOf(() => selectHosts(empty, 'all'))[0]?.message, 'the group "all" has no hosts')
  const named = inventoryOf({ 'hosts.yml': 'all: { hosts: { 127.0.0.1: { ansible_port: 5 } } }\n' })
  assert.equal(selectHosts(named, 'localhost')[0]?.name, '127.0.0.1')
})

test('a slice out of bounds says how many hosts there are', () => {
  const [problem] = problemsOf(() => selectHosts(inventory, 'docker[7]'))
  assert.is(problem?.expected, 'a slice within [0:2]')
  assert.is(problem?.got, '"docker" has 3 hosts')
})

test('a host whose name is an IPv6 address can be chosen with brackets and without', () => {
  const six = inventoryOf({ 'hosts.yml': 'all:\n  hosts:\n    "[fe80::1]":\n    "2001:db8::2":\n    other:\n' })
  const chosen = (pattern: string): string[] => selectHosts(six, pattern).map(({ name }) => name)
  assert.equal(chosen('fe80::1'), ['fe80::1'])
  assert.equal(chosen('[fe80::1]:other'), ['fe80::1', 'other'])
  assert.equal(chosen('all:![2001:db8::2]'), ['fe80::1', 'other'])
  assert.equal(chosen('!fe80::1,!other'), ['2001:db8::2'])
})

test('an expression with catastrophic backtracking is refused after a second', () => {
  const long = inventoryOf({ 'hosts.yml': `all: { hosts: { ${'a'.repeat(60)}-1: } }\n` })
  for (const pattern of ['~(a+)+$', '~(a|aa)+$'])
    assert.match(
      problemsOf(() => selectHosts(long, pattern))[0]?.message ?? '',
      /takes more than a second to match 1 host/,
      pattern,
    )
})

test.run()
