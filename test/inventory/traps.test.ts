import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { flatDoubtsIn } from '../../lib/inventory/variables/doubts.ts'
import { trapIn } from '../../lib/inventory/syntax/yaml-pitfalls.ts'
import { doubtful, hostIn, inventoryOf } from './support.ts'
import { levelsOf } from '../../lib/inventory/variables/layer.ts'
import { plain } from '../../lib/inventory/graph/tree.ts'

const traps: Record<string, [why: RegExp, hint: RegExp]> = {
  no: [/to YAML 1.1 \(and Ansible\) it is false, to YAML 1.2 the text "no"/, /write false, or "no" in quotes/],
  Yes: [/is true/, /write true/],
  on: [/is true/, /write true/],
  OFF: [/is false/, /write false/],
  '0644': [/octal number 420, to YAML 1.2 the number 644/, /in quotes if it is a file mode.*"0644"/],
  '-017': [/octal number -15/, /"-017"/],
  '08': [/YAML 1.1 it is a text, to YAML 1.2 the number 8/, /"08"/],
  '0o644': [/number 420/, /"0o644"/],
  '1_000': [/number 1000/, /write 1000/],
  '1e3': [/to YAML 1.1 \(and Ansible\) it is a text, to YAML 1.2 the number 1000/, /write 1000/],
  '22:22': [/base 60 \(1342\)/, /"22:22"/],
  '52:54:00:12:34:56': [/base 60/, /"52:54:00:12:34:56"/],
  '2024-01-01T10:20:30Z': [/is the time 2024-01-01 10:20:30\+00:00, to YAML 1.2 a text/, /quotes/],
  '12345678901234567890': [/loses its last digits/, /quotes/],
}

for (const [text, [why, hint]] of Object.entries(traps)) {
  test(`unquoted ${text} is ambiguous`, () => {
    const trap = trapIn(text)
    assert.match(trap?.why ?? '', why)
    assert.match(trap?.hint ?? '', hint)
  })
}

for (const text of [
  'true',
  'false',
  'null',
  '0',
  '-1',
  '10',
  '0.5',
  '0x1F',
  'y',
  'n',
  '10.0.0.1',
  'none',
  '2024-01-01',
  'a:b',
  '00:11:22:33:44:55',
]) {
  test(`unquoted ${text} is clear`, () => assert.is(trapIn(text), undefined))
}

const hosts = 'all:\n  hosts:\n    node-01:\n'

test('every ambiguous scalar in a value that a role reads is reported at its place, in lists and flow maps too', () => {
  assert.equal(
    doubtful({
      'hosts.yml': hosts,
      'group_vars/all.yml': 'base:\n  mode: 0644\n  list:\n    - no\n  flow: { at: 22:22 }\n',
    }),
    [
      'group_vars/all.yml:2:9 vars: the value 0644 is ambiguous: to YAML 1.1 it is the octal number 420, to YAML 1.2 the number 644',
      'group_vars/all.yml:4:7 vars: the value no is ambiguous: to YAML 1.1 (and Ansible) it is false, to YAML 1.2 the text "no"',
      'group_vars/all.yml:5:15 vars: the value 22:22 is ambiguous: to YAML 1.1 it is a number to the base 60 (1342), to YAML 1.2 a text',
    ],
  )
})

test('the raw value is the one that Ansible reads', () => {
  const inventory = inventoryOf({
    'hosts.yml': hosts,
    'group_vars/all.yml':
      'a: no\nb: 0644\nc: 22:22\nd: 1_000\ne: 1e3\nf: 08\ng: 12345678901234567890\nh: ~\ni: .5\nj: 0b11\nk: 0x1F\nl: 1.10\nm: Off\n',
  })
  const values = [...(inventory.layers[0]?.variables.values() ?? [])].map(({ node }) => plain(node))
  assert.equal(values, [false, 420, 1342, 1000, '1e3', '08', '12345678901234567890', null, 0.5, 3, 31, 1.1, false])
})

test('in quotes, as block text or with !!str none of them is ambiguous', () => {
  const inventory = inventoryOf({
    'hosts.yml': hosts,
    'group_vars/all.yml': `base:\n  a: "no"\n  b: '0644'\n  c: |\n    22:22\n  d: !!str 0644\n`,
  })
  const levels = levelsOf(hostIn(inventory, 'node-01').layers)
  const values = ['a', 'b', 'c', 'd'].map((name) => levels.get(`base.${name}`)?.[0]?.value)
  assert.equal(values, ['no', '0644', '22:22\n', '0644'])
})

test('a key is the text as written', () => {
  const inventory = inventoryOf({
    'hosts.yml': hosts,
    'group_vars/all.yml': 'base:\n  by-country:\n    no: 1\n    0644: 2\n',
  })
  const level = levelsOf(hostIn(inventory, 'node-01').layers).get('base.by-country')?.[0]
  assert.equal(level?.value, { no: 1, '0644': 2 })
})

test('a key that Ansible reads otherwise than it is written is refused when a role reads it', () => {
  const files = {
    'hosts.yml': hosts,
    'group_vars/all.yml': 'base:\n  by:\n    no: 1\n    0x10: 2\n    80: 3\n    1.0: 4\n',
  }
  const refused = [
    'group_vars/all.yml:3:5 vars: the key no is ambiguous: to YAML 1.1 (and Ansible) it is false, to YAML 1.2 the text "no"',
    'group_vars/all.yml:4:5 vars: the key 0x10 is ambiguous: to YAML 1.1 (and Ansible) it is 16, and no text',
  ]
  assert.equal(doubtful(files), refused)
  const [layer] = inventoryOf(files).layers
  const node = layer?.variables.get('base')?.node
  assert.equal(
    node && flatDoubtsIn(node).map(({ message }) => message),
    refused.map((line) => line.split('vars: ')[1]),
  )
})

test('an ambiguous value that may be a password is not repeated', () => {
  const [line] = doubtful({ 'hosts.yml': hosts, 'group_vars/all.yml': 'app:\n  db_password: 0123456\n' })
  assert.is(line, 'group_vars/all.yml:2:16 vars: the value is ambiguous in YAML')
})

test.run()
