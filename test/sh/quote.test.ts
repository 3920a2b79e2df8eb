import { execFileSync } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { shellFunction, quote, raw, sh } from '../../lib/sh/quote.ts'
import { secret } from '../../lib/secret.ts'

const hostile = [
  '',
  'plain',
  "it's",
  '"double"',
  '$(reboot)',
  '`id`',
  'a\nb',
  '\\',
  '!!',
  '*',
  '~',
  '-rf',
  'ä ö',
  '; true',
  "'",
  "''''",
]

for (const shell of [['dash'], ['busybox', 'sh'], ['bash', '--posix']]) {
  test(`every quoted word comes out of ${shell.join(' ')} as it went in`, () => {
    for (const word of hostile) {
      const [program = '', ...args] = shell
      const out = execFileSync(program, [...args, '-c', `printf %s ${quote(word)}`])
      assert.is(out.toString(), word)
    }
  })
}

for (const shell of [['dash'], ['busybox', 'sh'], ['bash', '--posix']]) {
  test(`an inline text leaves the shell as it was in ${shell.join(' ')}, and its status is that of its return`, () => {
    const text = shellFunction(['a', 'far'], sh`a=2; set -- x y; far=1; [ "$#" = 2 ] && return 7; echo not here`).text
    const script = `a=1; set -- one\n${text}\necho "$? $a $# \${far-unset}"`
    const [program = '', ...args] = shell
    assert.is(execFileSync(program, [...args, '-c', script]).toString(), '7 1 1 unset\n')
  })
}

test('sh quotes strings, numbers and secrets, joins lists, and takes Sh as it is', () => {
  const text = sh`run ${"it's"} ${7} ${['a b', 'c']} ${raw('| cat')} ${secret('p w')}`.text
  assert.is(text, `run 'it'"'"'s' 7 'a b' c | cat 'p w'`)
})

test('a word with a NUL byte is refused, because no shell word can hold one', () => {
  assert.throws(() => quote('a\0b'), /NUL/)
  assert.throws(() => quote('a\ud83d'), /half/)
  assert.is(quote('a\u{1f600}'), "'a\u{1f600}'")
})

test.run()
