import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { editKeys } from '../../../lib/resources/structured/structured.ts'
import type { KeysOptions } from '../../../lib/resources/structured/key-options.ts'
import type { Settings } from '../../../lib/resources/kit/tree.ts'
import { yamlFile, yamlFormat } from '../../../lib/resources/structured/yaml-file.ts'
import { secret } from '../../../lib/secret.ts'
import { converge, debian, reply, scratch, shells, stepsOf, words } from '../../support/converge-locally.ts'

const harbor = readFileSync(join(import.meta.dirname, '../samples/harbor.yml'), 'utf8')

const small = `# above
name:   plain    # behind
quoted: "double"
single: 'it''s'
nothing:      # empty still
list:
- one   # first
- two
flow: {a: 1, 'b': 2}
text: |
  many
  lines

map:
    key: value
    # inside, at the end

# before the last
last: 1`

const edits: readonly (readonly [says: string, live: string, set: Settings, remove: string[][], then: string])[] = [
  ['a value is replaced; blanks and comment stay', small, { name: 'new' }, [], small.replace('plain ', 'new ')],
  [
    'a number is one for readers of YAML 1.1 too',
    'a: 0\n',
    { a: 1e21, b: [-5e-324, 1.5e-7, 255] },
    [],
    'a: 1.0e+21\nb:\n  - -5.0e-324\n  - 1.5e-7\n  - 255\n',
  ],
  ['double quotes stay', small, { quoted: 'a "b"' }, [], small.replace('"double"', '"a \\"b\\""')],
  ['single quotes stay', small, { single: "x'y" }, [], small.replace("'it''s'", "'x''y'")],
  [
    'what is there is left alone',
    small,
    { name: 'plain', single: "it's", list: ['one', 'two'], flow: { b: 2 } },
    [],
    small,
  ],
  ['a text that another YAML reads otherwise is quoted', small, { name: 'yes' }, [], small.replace('plain ', '"yes" ')],
  ['a number is another value than its digits', small, { last: '1' }, [], small.replace('last: 1', 'last: "1"')],
  [
    'what is removed behind a text that keeps its line ends takes the empty lines along',
    'a: |+\n  text\nb: 1\n\n\nc: 2\n',
    {},
    [['b']],
    'a: |+\n  text\nc: 2\n',
  ],
  ['an empty value is filled', small, { nothing: 5 }, [], small.replace('nothing:', 'nothing: 5')],
  [
    'an empty value becomes a map below its comment',
    small,
    { nothing: { a: 1 } },
    [],
    small.replace('empty still\n', 'empty still\n    a: 1\n'),
  ],
  ['a list is replaced as a whole', small, { list: ['x'] }, [], small.replace('- one   # first\n- two', '    - x')],
  ['a map in braces stays so', small, { flow: { c: [1] } }, [], small.replace("'b': 2", "'b': 2, c: [1]")],
  ['a key in braces goes', small, {}, [['flow', 'a']], small.replace("a: 1, 'b'", "'b'")],
  ['a text over several lines is replaced', small, { text: 'one' }, [], small.replace('|\n  many\n  lines\n', 'one\n')],
  [
    'a new key goes below the last of its map',
    small,
    { map: { two: 2 } },
    [],
    small.replace('value\n', 'value\n    two: 2\n'),
  ],
  ['a new key goes to the end of the file', small, { new: { a: ['b'] } }, [], `${small}\nnew:\n    a:\n        - b`],
  [
    'a key goes with what is below it and the comments inside',
    small,
    {},
    [['map']],
    small.replace('map:\n    key: value\n    # inside, at the end\n', ''),
  ],
  [
    'a map whose last key goes is an empty map',
    small,
    {},
    [['map', 'key']],
    small.replace('map:\n    key: value', 'map: {}'),
  ],
  ['what is not there is not removed', small, {}, [['graph'], ['name', 'x'], ['list', '0']], small],
  ['an empty file is filled', '', { a: { b: 'c d' } }, [], 'a:\n  b: c d\n'],
  ['a file of comments keeps them', '# c', { a: 1 }, [], '# c\na: 1\n'],
  ['CRLF stays', 'a: 1\r\nb:\r\n  c: 1\r\n', { b: { d: 2 } }, [], 'a: 1\r\nb:\r\n  c: 1\r\n  d: 2\r\n'],
  ['an anchor that nobody uses may go', 'a: &x 1\n', { a: 2 }, [], 'a: 2\n'],
  [
    'text of several lines is written so',
    'a: 1\n',
    { pem: '-----BEGIN\nabc=\n-----END\n' },
    [],
    'a: 1\npem: |\n  -----BEGIN\n  abc=\n  -----END\n',
  ],
]

for (const [says, live, set, remove, then] of edits) {
  test(says, () => {
    const want = { path: '/etc/app', set, remove }
    assert.is(editKeys(yamlFormat, want, live).text, then)
    assert.is(editKeys(yamlFormat, want, then).text, then, 'a second time nothing changes')
  })
}

const is = (text: string) => `have 0 81a4 ${text.length} 0 0 root:root\ncontent\n${text}`
const table: readonly (readonly [string, KeysOptions, string, readonly string[] | string])[] = [
  ['As wanted: nothing to do', { set: { a: 1 } }, is('a: 1 # c\n'), []],
  ['No file: make it', { set: { a: 1 } }, 'none 0 4 dir\n', ['create /etc/app: set a']],
  [
    'Broken: refused, with the place',
    { set: { a: 1 } },
    is('a: 1\nb: [1\nc: 2\n'),
    'refused: /etc/app is broken YAML at line 3, column 1: Flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
  [
    'A key given twice: refused',
    { set: { a: 1 } },
    is('a: 1\na: 2\n'),
    'refused: /etc/app is broken YAML at line 2, column 1: Map keys must be unique',
  ],
  [
    'Two documents: refused',
    { set: { a: 1 } },
    is('a: 1\n---\na: 2\n'),
    'refused: /etc/app is broken YAML at line 2, column 1: a second document begins',
  ],
  ['A list at the top: refused', { set: { a: 1 } }, is('- a\n'), 'refused: /etc/app has no keys: its YAML is a list'],
  [
    'A key that others refer to: refused',
    { set: { a: 2 } },
    is('a: &x 1\nb: *x\n'),
    'refused: /etc/app cannot be edited in place at a',
  ],
  [
    'A key inside of an alias: refused',
    { set: { b: { c: 2 } } },
    is('a: &x\n  c: 1\nb: *x\n'),
    'refused: /etc/app cannot be edited in place at b.c',
  ],
]

for (const [says, want, have, then] of table) {
  test(says, () =>
    assert.equal(words(yamlFile('/etc/app', want).evaluate(reply(have), debian, new Prediction())), then),
  )
}

const site: KeysOptions = {
  set: {
    hostname: 'harbor.thtf.com',
    http: { port: 180 },
    harbor_admin_password: secret("it's hunter2-hunter2"),
    data_volume: '/data/harbor',
    log: { local: { location: '/data/harbor/logs' } },
  },
  remove: ['https'],
}

test('In a long, commented file six keys change, and every other line is to the byte what it was', () => {
  const evaluation = yamlFile('/opt/harbor/harbor.yml', site).evaluate(reply(is(harbor)), debian, new Prediction())
  const edited = Buffer.from(stepsOf(evaluation)[0]?.stdin ?? [])
    .toString()
    .split('\n')
  const fresh = [
    'hostname: harbor.thtf.com',
    '  port: 180',
    `harbor_admin_password:   "it's hunter2-hunter2"    # change me`,
    'data_volume: /data/harbor',
    '    location: /data/harbor/logs',
  ]
  const before = harbor.split('\n')
  const https = before.indexOf('https:')
  assert.equal(
    edited.filter((line) => !before.includes(line)),
    fresh,
  )
  const kept = before.filter((line, index) => edited.includes(line) && !(https <= index && index < https + 8))
  assert.equal(
    edited.filter((line) => !fresh.includes(line)),
    kept,
  )
  assert.is(before.length - edited.length, 8, 'the block https has eight lines')
  assert.equal(words(evaluation), [
    'edit /opt/harbor/harbor.yml: set hostname, http.port, harbor_admin_password, data_volume, log.local.location; remove https',
  ])
  assert.not.match(JSON.stringify('plan' in evaluation && evaluation.plan.changes), /hunter2|Harbor12345|certificate/)
})

for (const shell of shells()) {
  test(`${shell.name}: a long, commented file is edited once, and keeps its mode`, async () => {
    const path = join(scratch(), "it's harbor.yml")
    writeFileSync(path, harbor)
    chmodSync(path, 0o640)
    const { again } = await converge(shell, yamlFile(path, site))
    assert.equal(words(again), [])
    assert.match(readFileSync(path, 'utf8'), '\nharbor_admin_password:   "it\'s hunter2-hunter2"    # change me\n')
    assert.is(statSync(path).mode & 0o7777, 0o640)
  })
}

test('a short text that stands for more than memory holds, and one that is too deep or too long, are broken', () => {
  const tens = (name: string, of: string) => `${name}: &${name} [${Array.from({ length: 10 }, () => of).join(', ')}]\n`
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  const laughs = names.map((name, at) => tens(name, at === 0 ? 'x' : `*${names[at - 1] ?? ''}`)).join('')
  for (const text of [
    laughs,
    `a: ${'- '.repeat(20_000)}x\n`,
    `a:\n  ${'- '.repeat(20_000)}x\n`,
    `a: ${'['.repeat(20_000)}`,
    `a: 1\n${'\n'.repeat(50_000)}`,
  ]) {
    const edited = editKeys(yamlFormat, { path: '/a', set: { b: 1 }, remove: [] }, text).text
    assert.match(JSON.stringify(edited), '"refused":"/a is broken YAML at line ')
  }
})

test('a text to which nothing can be added is refused, and breaks nothing', () => {
  const { text } = editKeys(yamlFormat, { path: '/a', set: { a: 1, b: 2 }, remove: [['old'], ['a', 'c']] }, '...\n')
  assert.match(JSON.stringify(text), '/a cannot be edited in place at a, b')
})

test.run()
