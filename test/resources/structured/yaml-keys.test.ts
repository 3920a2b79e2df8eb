import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonFile } from '../../../lib/resources/structured/json-file.ts'
import { editKeys } from '../../../lib/resources/structured/structured.ts'
import type { Key, KeyedSettings, KeyPath, Settings } from '../../../lib/resources/kit/tree.ts'
import { yamlFile, yamlFormat } from '../../../lib/resources/structured/yaml-file.ts'

const keys = 'ports:\n  8080: a\n  1.5: b\n  true: c\n  ~: d\n  0x10: e\nyes: q\n"8081": s\n? [1, 2]\n: seq\n'
const twins = 'a:\n  1: number\n  "1": text\n  true: yes\n  "true": text\n'
const merged = 'base: &b\n  image: x\n  env:\n    A: 1\nweb:\n  <<: *b\n  port: 80\n'

type Edit = readonly [
  says: string,
  live: string,
  set: Settings | KeyedSettings,
  then: string | RegExp,
  remove?: KeyPath[],
]
const table: readonly Edit[] = [
  [
    'a key of an object is the key that is there, whatever it is',
    keys,
    { ports: { 8080: 'A', '1.5': 'B', true: 'C', null: 'D', 16: 'E' }, yes: 'Q', 8081: 'S' },
    keys.replaceAll(/(?<=: )([a-eqs])$/gm, (letter) => letter.toUpperCase()),
  ],
  [
    'as it stands there, too',
    keys,
    { ports: { '0x10': 'E', '~': 'D' } },
    keys.replace('~: d', '~: D').replace(': e', ': E'),
  ],
  ['a new key of an object is a text', 'a:\n  1: x\n', { a: { 2: 'w' } }, 'a:\n  1: x\n  "2": w\n'],
  [
    'a new key of a Map is what it is',
    'a:\n  1: x\n',
    { a: new Map<Key, string>([[2, 'w'], [true, 'z'], [null, 'o'], [-1.5, 'f'], ['3', 't']]) }, // prettier-ignore
    'a:\n  1: x\n  2: w\n  true: z\n  null: o\n  -1.5: f\n  "3": t\n',
  ],
  ['a Map at the top', '1: x\n', new Map([[1, 'w'], [2, 'z']]), '1: w\n2: z\n'], // prettier-ignore
  ['a Map in an empty file', '', new Map([[1, { a: 'w' }]]), '1:\n  a: w\n'],
  ['a Map in one line', 'a: { 1: x }\n', { a: new Map([[2, 'w']]) }, 'a: { 1: x, 2: w }\n'],
  [
    'of quoted twins each is meant by its own kind',
    twins,
    { a: new Map<Key, string>([[1, 'M'], [true, 'B']]) }, // prettier-ignore
    twins.replace('number', 'M').replace('true: yes', 'true: B'),
  ],
  [
    'and by an object the text',
    twins,
    { a: { 1: 'T', true: 'U' } },
    'a:\n  1: number\n  "1": T\n  true: yes\n  "true": U\n',
  ],
  ['a Map asks for no text', 'a:\n  "1": x\n', { a: new Map([[1, 'w']]) }, 'a:\n  "1": x\n  1: w\n'],
  ['a number is removed', keys, {}, keys.replace('  8080: a\n', '').replace('  0x10: e\n', ''), [['ports', 8080], ['ports', '16']]], // prettier-ignore
  ['null is removed', 'a:\n  ~: x\n  b: w\n', {}, 'a:\n  b: w\n', [['a', null]]],
  ['what is merged in counts as there', merged, { web: { image: 'x' } }, merged],
  ['another value stands beside it', merged, { web: { image: 'w' } }, `${merged}  image: w\n`],
  [
    'a map that would hide a merged one is refused',
    merged,
    { web: { env: { B: 2 } } },
    /at web\.env: it comes in by a merge key/,
  ],
  ['what is merged in cannot be removed', merged, {}, /at web\.image: it comes in by a merge key/, [['web', 'image']]],
  [
    'a list of merges, the first wins',
    'a: &a { x: 1 }\nb: &b { x: 2, y: 2 }\nc:\n  <<: [*a, *b]\n  z: 3\n',
    { c: { x: 1, y: 2 } },
    'a: &a { x: 1 }\nb: &b { x: 2, y: 2 }\nc:\n  <<: [*a, *b]\n  z: 3\n',
  ],
  [
    'a quoted << merges nothing',
    'b: &b\n  x: 1\nc:\n  "<<": *b\n  z: 3\n',
    { c: { x: 1 } },
    'b: &b\n  x: 1\nc:\n  "<<": *b\n  z: 3\n  x: 1\n',
  ],
  ['a key within an alias is refused', 'a: &a\n  x: 1\nb: *a\n', { b: { x: 2 } }, /cannot be edited in place at b\.x/],
]

for (const [says, live, set, then, remove = []] of table) {
  test(says, () => {
    const want = { path: '/etc/app', set, remove }
    const { text } = editKeys(yamlFormat, want, live)
    if (typeof then !== 'string')
      return assert.match(typeof text === 'string' ? `not refused: ${text}` : text.refused, then)
    assert.is(typeof text === 'string' ? text : text.refused, then)
    assert.is(editKeys(yamlFormat, want, then).text, then, 'a second time nothing changes')
  })
}

test('Where keys are texts, others are refused before any host is touched', () => {
  assert.throws(() => jsonFile('/a', { set: { a: new Map([[1, 'x']]) } }), /keys in a of jsonFile:\/a/)
  assert.throws(() => jsonFile('/a', { remove: [['a', 1]] }), /keys in remove of jsonFile:\/a/)
  assert.throws(() => yamlFile('/a', { set: new Map([[Number.NaN, 'x']]) }), /finite numbers/)
  assert.throws(() => yamlFile('/a', { set: { a: new Map([[1, 'x']]) }, remove: [['a', 1]] }), /either set or removed/)
  assert.throws(() => yamlFile('/a', { set: { a: new Set() as never } }), /plain data/)
})

test.run()
