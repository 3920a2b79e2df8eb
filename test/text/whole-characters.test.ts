import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { WholeCharacters } from '../../lib/text/whole-characters.ts'

test('wherever a text is cut, no piece has a part of a character', () => {
  const text = 'grün ☃ 数据库 😀 é'
  const bytes = Buffer.from(text)
  for (let first = 0; first <= bytes.length; first += 1)
    for (let second = first; second <= bytes.length; second += 1) {
      const characters = new WholeCharacters()
      const pieces = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]
      assert.is(pieces.map((piece) => characters.next(piece).toString()).join(''), text)
      assert.is(characters.end().length, 0)
    }
})

test('bytes that are no text stay as they are, and none waits for ever', () => {
  for (const bytes of [
    [0xff, 0xfe],
    [0xc3],
    [0x80, 0x80, 0x80, 0x80],
    [0xf0, 0x9f, 0x41],
    [0xe2, 0x98],
    [0xc0, 0xf5],
  ]) {
    const characters = new WholeCharacters()
    const pieces = bytes.map((byte) => characters.next(Uint8Array.of(byte)))
    assert.equal(Buffer.concat([...pieces, characters.end()]), Buffer.from(bytes))
  }
})

test.run()
