import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { shownJson } from '../../lib/gate/shown-json.ts'
import type { Inventory } from '../../lib/inventory/inventory.ts'
import { listing } from '../../lib/inventory/patterns/listing.ts'
import { complaints, hostIn, inventoryOf } from './support.ts'

/** What `list hosts --json` prints of the variables of a host, on one line. */
function listed(inventory: Inventory, host = 'h'): string {
  return shownJson(listing(inventory)._meta.hostvars[host]).replaceAll(/\n\s*/g, '')
}

function yaml(text: string): Inventory {
  return inventoryOf({ 'hosts.yml': 'all:\n  hosts:\n    h:\n', 'group_vars/all.yml': text })
}

/** What a template gives on the host, with these variables. */
function evaluated(text: string, template: string): unknown {
  const inventory = yaml(`${text}\nresult: ${JSON.stringify(template)}\n`)
  const host = hostIn(inventory, 'h')
  return host.values.variable('result', 'h')
}

/** Unquoted values of YAML, and what `ansible-inventory --list` prints for them. */
const scalars: Readonly<Record<string, string>> = {
  '2024-01-01': '"2024-01-01"',
  '2024-01-01 10:20:30': '"2024-01-01T10:20:30"',
  '2024-01-01T10:20:30Z': '"2024-01-01T10:20:30+00:00"',
  '2024-1-1 1:20:30': '"2024-01-01T01:20:30"',
  '2001-12-14 21:59:43.10 -5': '"2001-12-14T21:59:43.100000-05:00"',
  '2024-01-01T10:20:30.123456789Z': '"2024-01-01T10:20:30.123456+00:00"',
  '!!timestamp 2024-01-01 10:20:30': '"2024-01-01T10:20:30"',
  '2024-02-30': '"2024-02-30"',
  '.inf': 'Infinity',
  '-.INF': '-Infinity',
  '.nan': 'NaN',
  '1.0': '1.0',
  '1.5e+3': '1500.0',
  '1.5e3': '"1.5e3"',
  '12345678901234567890': '12345678901234567890',
  '0xFFFFFFFFFFFFFFFFFF': '4722366482869645213695',
  '0644': '420',
  '190:20:30': '685230',
  '!unsafe "{{ x }}"': '{"__ansible_unsafe": "{{ x }}"}',
  '!!float 1': '1.0',
  // Ansible keeps the order of keys that Python cannot sort.
  '{ yes: 1, 0x10: 2, ~: 3, 1_000: 4, .inf: 5 }': '{"1000": 4,"16": 2,"Infinity": 5,"null": 3,"true": 1}',
}

for (const [written, printed] of Object.entries(scalars)) {
  test(`${written} is listed as Ansible lists it`, () => {
    assert.is(listed(yaml(`x: ${written}\n`)), `{"x": ${printed}}`)
  })
}

test('names of variables that are no text are listed as Ansible lists them', () => {
  assert.is(listed(yaml('yes: 1\n010: 2\n~: 3\n"no": 4\n')), '{"8": 2,"no": 4,"null": 3,"true": 1}')
})

/** Maps, and what `ansible-inventory --list` prints for them: equal numbers are one key, and keys are in Python's order. */
const maps: Readonly<Record<string, string>> = {
  '{1: a, 1.0: b}': '{"1": "b"}',
  '{1.0: a, 1: b}': '{"1.0": "b"}',
  '{true: a, 1: b}': '{"true": "b"}',
  '{1: a, yes: b, 2: c}': '{"1": "b","2": "c"}',
  '{0: a, no: b}': '{"0": "b"}',
  '{0x10: a, 16: b}': '{"16": "b"}',
  '{~: a, null: b}': '{"null": "b"}',
  '{a: 1, "a": 2}': '{"a": 2}',
  '{"10": a, "9": b, x: c, " ": d}': '{" ": "d","10": "a","9": "b","x": "c"}',
  '{10: a, 9: b}': '{"9": "b","10": "a"}',
  '{10: a, -1: b, 2.5: c, true: d}': '{"-1": "b","true": "d","2.5": "c","10": "a"}',
  '[{1: a, true: {1.0: b, 1: c}}]': '[{"1": {"1.0": "c"}}]',
}

test(`${Object.keys(maps).length} maps are listed as Ansible lists them`, () => {
  const found = Object.keys(maps).map((written) => [written, listed(yaml(`v: ${written}`))])
  assert.equal(
    found,
    Object.entries(maps).map(([written, wanted]) => [written, `{"v": ${wanted}}`]),
  )
})

test('equal numbers are one key in a dict of an INI inventory, too', () => {
  assert.is(listed(inventoryOf({ hosts: "h v=\"{1: 'a', True: 'b', 1.0: 'c'}\"\n" })), '{"v": {"1": "c"}}')
})

test('names that Ansible sets itself are not listed', () => {
  const text = 'omit: 1\nplaybook_dir: x\nansible_forks: 5\nansible_facts: {}\nansible_check_mode: true\ngroups: 1\n'
  assert.is(listed(yaml(text)), '{"ansible_check_mode": true}')
})

/** Texts that are JSON, in files of any name. */
const json: Readonly<Record<string, string>> = {
  '{"x": 1e3}': '{"x": 1000.0}',
  '{"x": 1.0, "y": 12345678901234567890}': '{"x": 1.0,"y": 12345678901234567890}',
  '{"x": NaN, "y": [-Infinity]}': '{"x": NaN,"y": [-Infinity]}',
  '{"<<": {"a": 1}}': '{"<<": {"a": 1}}',
  '{"1": 1, "x": "yes"}': '{"1": 1,"x": "yes"}',
  '{"x": {"__ansible_unsafe": "{{ y }}"}}': '{"x": {"__ansible_unsafe": "{{ y }}"}}',
  '{"x": {"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256"}}': '{"x": "***"}',
}

for (const [text, printed] of Object.entries(json)) {
  test(`JSON in a file of variables, ${text}, is JSON and not YAML`, () => {
    assert.is(listed(yaml(text)), printed)
  })
}

/** Values of an INI inventory, and what `ansible-inventory --list` prints for them. */
const ini: Readonly<Record<string, string>> = {
  '1.0': '1.0',
  '1e3': '1000.0',
  '1e400': 'Infinity',
  '12345678901234567890': '12345678901234567890',
  '-(1)': '-1',
  '-(1.0)': '-1.0',
  '-(True)': '"-(True)"',
  "{1.0: 'a', None: [2.0]}": '{"1.0": "a","null": [2.0]}',
  "'\\N{DASH}'": '"\'\\\\N{DASH}\'"',
}

for (const [written, printed] of Object.entries(ini)) {
  test(`${written} in an INI inventory is listed as Ansible lists it`, () => {
    assert.is(listed(inventoryOf({ hosts: `h\n[all:vars]\nx=${written}\n` })), `{"x": ${printed}}`)
  })
}

test('of maps under << the first of a list wins, and the last of two; they stand before the own keys', () => {
  const files = {
    'hosts.yml':
      'all:\n  hosts:\n    a: &a {p: 1, q: 1}\n    b: &b {p: 2, r: 2}\n    c:\n      <<: [*a, *b]\n    d:\n      <<: *a\n      <<: *b\n' +
      'late:\n  hosts:\n    own:\n    <<: {first: , second: }\n',
  }
  const inventory = inventoryOf(files)
  assert.is(listed(inventory, 'c'), '{"p": 1,"q": 1,"r": 2}')
  assert.is(listed(inventory, 'd'), '{"p": 2,"q": 1,"r": 2}')
  const late = inventory.groups.get('late')
  assert.equal(
    late?.ownHosts.map(({ name }) => name),
    ['first', 'second', 'own'],
  )
  assert.equal(inventory.notes, [])
})

test('an anchor and an alias may stand at a key', () => {
  const inventory = inventoryOf({
    'hosts.yml': 'all:\n  vars: {x: &v name}\n  hosts:\n    &k h: {*v : 5, y: *k}\n',
  })
  assert.is(listed(inventory), '{"name": 5,"x": "name","y": "h"}')
})

/** Templates over values whose type in Python a JavaScript value does not tell, and what Ansible makes of them. */
const templates: readonly [vars: string, template: string, result: unknown][] = [
  ['v: 1.0', '{{ v }}', 1],
  ['v: 1.0', 'v{{ v }}', 'v1.0'],
  ['v: 1.0', '{{ v + 1 }} {{ v is float }}', '2.0 True'],
  ['v: 1.5e+3', '{{ [v] | to_json }}', '[1500.0]'],
  ['v: .inf', '{{ [v] | to_json }}', '[Infinity]'],
  ['v: 0xFFFFFFFFFFFFFFFFFF', '{{ v }}!', '4722366482869645213695!'],
  ['v: 2024-01-01T10:20:30Z', '{{ v }}', '2024-01-01 10:20:30+00:00'],
  [
    'v: 12345678901234567890',
    '{{ [v] | to_json }} {{ v | int }} {{ v is number }}',
    '[12345678901234567890] 12345678901234567890 True',
  ],
  ['v: 2024-01-01T10:20:30Z', '{{ [v] | to_json }} {{ v is string }}', '["2024-01-01T10:20:30+00:00"] False'],
  ['v: 2024-01-01', "{{ v == '2024-01-01' }} {{ v | string == '2024-01-01' }}", 'False True'],
  ['v: 2024-01-01 10:20:30', '{{ v | to_yaml }}', '2024-01-01 10:20:30\n'],
  ['d: {443: a, 80: b}', '{{ d | to_yaml }}', '{80: b, 443: a}\n'],
  ['d: {a: 1}', 'of {{ d | items | list }}', "of [('a', 1)]"],
  ['d: {10: a, yes: b}', '{{ d[10] }}{{ d[true] }}', 'ab'],
  [
    'd: {10: a, yes: b}',
    'is {{ d | dict2items | to_json }}',
    'is [{"key": 10, "value": "a"}, {"key": true, "value": "b"}]',
  ],
  ['d: {b: 1, "10": 2, a: 3}', '{{ d | list | join }}', 'b10a'],
]

for (const [vars, template, result] of templates) {
  test(`with ${vars} the template ${template} gives ${String(result)}`, () => {
    assert.equal(evaluated(vars, template), result)
  })
}

test('a host or a group whose name is no text to YAML is refused, as in Ansible', () => {
  assert.equal(complaints({ 'hosts.yml': 'all:\n  hosts:\n    1:\nno:\n  hosts:\n    h:\n' }), [
    'hosts.yml:3:5 inventory: 1 cannot be the name of a host: YAML does not read it as text',
    'hosts.yml:4:1 inventory: no cannot be the name of a group: YAML does not read it as text',
  ])
})

test('a name that ends with a colon is no address', () => {
  assert.equal(complaints({ hosts: 'first\na:\n' }), ['hosts:2:1 inventory: "a:" cannot be the name of a host'])
})

test.run()
