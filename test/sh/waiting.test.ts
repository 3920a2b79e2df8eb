import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { lines, raw } from '../../lib/sh/quote.ts'
import { waits, Waits } from '../../lib/sh/waiting.ts'
import { run, shells } from '../support/converge-locally.ts'

/** Everything that comes of a text which arrives in pieces of so many bytes. */
function taken(text: string, size: number): { said: string[]; output: string } {
  const reader = new Waits()
  const bytes = Buffer.from(text)
  const said: string[] = []
  let output = ''
  for (let at = 0; at < bytes.length; at += size) {
    const part = reader.take(bytes.subarray(at, at + size))
    said.push(...part.said)
    output += Buffer.from(part.output).toString('latin1')
  }
  return { said, output }
}

test('a marked line is no output, wherever the stream is cut', () => {
  const text = 'one\n\x1ewaiting for ü: up to 2 s\x1e\ntwo\nno \x1eend\n\x1ewaiting again\x1e\nthree'
  for (let size = 1; size <= text.length; size++) {
    assert.equal(taken(text, size), {
      said: ['for ü: up to 2 s', 'again'],
      output: 'one\ntwo\nno \x1eend\nthree',
    })
  }
})

test('it is told before its newline is there', () => {
  assert.equal(taken('\x1ewaiting for you\x1e', 100), { said: ['for you'], output: '' })
})

test('a program that prints the mark for its own purpose keeps nothing back for long', () => {
  const flood = `\x1e${'x'.repeat(5000)}`
  assert.equal(taken(flood, 700), { said: [], output: flood })
})

for (const shell of shells()) {
  test(`${shell.name}: a pending message is shown as written`, async () => {
    const { stderr, stdout } = await run(shell, lines(waits, raw(`waits "for it's 100 %s \\\\n lock" 'of two'`)))
    assert.equal(taken(stderr, 3), { said: [`for it's 100 %s \\n lock of two`], output: '' })
    assert.is(stdout.length, 0)
  })
}

test.run()
