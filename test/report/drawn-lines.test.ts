import type { WriteStream } from 'node:tty'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { DrawnLines } from '../../lib/report/views/drawn-lines.ts'
import { Random } from '../support/random.ts'

/** A terminal that understands the few words of a picture, and keeps what has scrolled away. */
function terminalOf(columns: number, rows: number) {
  const lines = ['']
  let row = 0
  let column = 0
  let bytes = 0
  const understood: Readonly<Record<string, (count: number) => void>> = {
    A: (count) => (row = Math.max(0, lines.length - rows, row - count)),
    J: () => {
      lines.length = row + 1
      lines[row] = (lines[row] ?? '').slice(0, column)
    },
    K: () => (lines[row] = (lines[row] ?? '').slice(0, column)),
    h: () => undefined,
    l: () => undefined,
  }
  const write = (text: string) => {
    bytes += text.length
    for (const [letter, count, word] of text.matchAll(/\x1b\[\??(\d*)([A-Za-z])|[^]/g)) {
      const line = lines[row] ?? ''
      if (word !== undefined) understood[word]?.(Number(count))
      else if (letter === '\r') column = 0
      else if (letter === '\n') {
        column = 0
        row++
        if (row === lines.length) lines.push('')
      } else lines[row] = line.slice(0, column) + letter + line.slice(++column)
    }
    return true
  }
  return { stream: { columns, rows, write } as unknown as WriteStream, lines, bytes: () => bytes }
}

test('after any sequence of drawings the terminal shows the last frame below all lasting lines', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = new Random(seed)
    const upTo = (most: number) => random.between(0, most)
    const { stream, lines } = terminalOf(40, 12)
    const drawn = new DrawnLines(stream)
    const lasting: string[] = []
    for (let picture = 0; picture < 30; picture++) {
      const now = Array.from({ length: upTo(10) }, (_, at) => `${at}`.repeat(upTo(3) * 5))
      const above = Array.from({ length: upTo(1) * upTo(30) }, (_, at) => `line ${picture}.${at}`)
      drawn.draw(now, above)
      lasting.push(...above)
      assert.equal(lines, [...lasting, ...now, ''], `seed ${seed}, picture ${picture}`)
    }
    drawn.clear()
    assert.equal(lines, [...lasting, ''])
  }
})

test('only changed lines of a frame are written, and nothing of an equal one', () => {
  const { stream, bytes } = terminalOf(80, 24)
  const drawn = new DrawnLines(stream)
  const lines = Array.from({ length: 10 }, (_, at) => `${at} `.repeat(30))
  drawn.draw(lines)
  const first = bytes()
  drawn.draw([...lines])
  assert.is(bytes(), first)
  drawn.draw(lines.with(4, 'another'))
  assert.ok(bytes() - first < 60, String(bytes() - first))
})

test('a terminal of three rows gets the last two lines', () => {
  const { stream, lines } = terminalOf(80, 3)
  new DrawnLines(stream).draw(['a', 'b', 'c', 'd'])
  assert.equal(lines, ['c', 'd', ''])
})

test.run()
