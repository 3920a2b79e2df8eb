import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { block } from '../../../lib/resources/files/block.ts'
import { splitMark, whyNoText } from '../../../lib/resources/kit/bytes.ts'
import { file } from '../../../lib/resources/files/file.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { iniFile } from '../../../lib/resources/structured/ini-file.ts'
import { jsonFile } from '../../../lib/resources/structured/json-file.ts'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { line } from '../../../lib/resources/files/line.ts'
import { yamlFile } from '../../../lib/resources/structured/yaml-file.ts'
import { debian, reply, stepsOf, words } from '../../support/converge-locally.ts'

const MARK = '\ufeff'
const PATH = '/etc/app'

function live(text: string) {
  const bytes = Buffer.from(text)
  return reply(Buffer.concat([Buffer.from(`have 0 81a4 ${bytes.length} 0 0 root:root\ncontent\n`), bytes]))
}

function written(resource: Resource, text: string): string {
  const [step] = stepsOf(resource.evaluate(live(text), debian, new Prediction()))
  return Buffer.from(step?.write?.bytes ?? []).toString('utf8')
}

const table: readonly (readonly [says: string, resource: Resource, before: string, after: string])[] = [
  ['INI', iniFile(PATH, { set: { a: { x: '9', z: '4' } } }), '[a]\r\nx=1\r\n', '[a]\r\nx=9\r\nz=4\r\n'],
  ['YAML', yamlFile(PATH, { set: { a: 2, b: 3 } }), 'a: 1\n', 'a: 2\nb: 3\n'],
  ['JSON', jsonFile(PATH, { set: { a: 2 } }), '{ "a": 1 }', '{ "a": 2 }'],
  ['an empty JSON file', jsonFile(PATH, { set: { a: 2 } }), '', '{\n  "a": 2\n}\n'],
  ['the first line', line(PATH, { line: 'FIRST', match: /^first/ }), 'first\nsecond\n', 'FIRST\nsecond\n'],
  ['a line before the first', line(PATH, { line: 'new', insertBefore: /^/ }), 'first\n', 'new\nfirst\n'],
  ['the only line, removed', line(PATH, { line: 'first', state: 'absent' }), 'first\n', ''],
  [
    'a block',
    block(PATH, { name: 'b', content: 'x', insertBefore: /^/ }),
    'first\n',
    '# BEGIN rolecall: b\nx\n# END rolecall: b\nfirst\n',
  ],
  ['a function', file(PATH, { content: (text) => (text ?? '').toUpperCase() }), 'first\n', 'FIRST\n'],
]

for (const [says, resource, before, after] of table) {
  test(`A byte order mark stays: ${says}`, () => {
    assert.is(written(resource, MARK + before), MARK + after)
    assert.is(written(resource, before), after)
    assert.equal(words(resource.evaluate(live(MARK + after), debian, new Prediction())), [])
  })
}

test('Text that is not UTF-8 is refused with its encoding', () => {
  const utf16 = Buffer.from(`${MARK}a=1\n`, 'utf16le')
  const told: readonly (readonly [Uint8Array | undefined, string])[] = [
    [undefined, 'is larger than 1 MiB'],
    [utf16, 'is UTF-16 by its byte order mark, and only UTF-8 is edited'],
    [Buffer.from(utf16).swap16(), 'is UTF-16 by its byte order mark, and only UTF-8 is edited'],
    [Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), 'is UTF-32 by its byte order mark, and only UTF-8 is edited'],
    [Buffer.from('a\nb\0'), 'is not text: byte 4 is NUL'],
    [Buffer.from('a=1\nname=M\xfcller\n', 'latin1'), 'is no UTF-8: line 2 has other bytes'],
  ]
  for (const [bytes, why] of told) assert.is(whyNoText(bytes), why)
})

test('Only the first character is a mark', () => {
  assert.equal(splitMark(`${MARK}a${MARK}`), [MARK, `a${MARK}`])
  assert.equal(splitMark(`a${MARK}`), ['', `a${MARK}`])
})

test.run()
