import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { trustedParents } from '../../lib/resources/files/path/trusted-parents.ts'
import { probePath } from '../../lib/resources/files/path/path.ts'
import { statBatch } from '../../lib/resources/files/path/stat-batch.ts'
import { login } from '../../lib/host/shell/login.ts'
import { requestOf } from '../../lib/host/shell/request.ts'
import { frame } from '../../lib/sh/frame.ts'
import { lines, raw, sh, shellFunction, shellFunctions } from '../../lib/sh/quote.ts'

const test = suite('functions of the shell')
const lib = resolve(import.meta.dirname, '../../lib')

/** Every text that a host's shell may be given to keep. */
const kept = [
  ...trustedParents.functions,
  ...probePath('/etc/motd').functions,
  ...(statBatch([{ path: '/etc/motd' }])?.functions ?? []),
  ...frame([{ name: 'a', sh: raw(':'), deadline: 1 }]).script.functions,
]

const namesIn = (text: string) => [...text.matchAll(/^(\w+)\(\)/gm)].map(([, name = '']) => name)

test('two texts that a shell keeps define no function of one name, nor one of the shell that reads requests', () => {
  const all = [...new Set(kept)].flatMap((text) => [...new Set(namesIn(text))])
  const reader = [...login('-word', undefined).command.matchAll(/(\w+)\(\) \{/g)].map(([, name = '']) => name)
  assert.equal(reader, ['take', 'unread', 'get'])
  assert.equal(
    [...all, ...reader].filter((name, at, names) => names.indexOf(name) !== at),
    [],
  )
})

test('the texts above are all that there are', () => {
  const calls = readdirSync(lib, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && path !== 'sh/quote.ts')
    .flatMap((path) => [...readFileSync(join(lib, path), 'utf8').matchAll(/[^.\w]shellFunctions\(/g)])
  // Those of a frame are named in lib/sh/frame.ts itself.
  assert.is(calls.length + 2, new Set(kept).size)
})

test('a text has its functions first, each once, wherever it goes', () => {
  const hello = shellFunctions('hello() { echo hello; }')
  const greets = lines(hello, raw('hello'))
  const both = sh`if true; then
${greets}
fi
${lines(hello, raw('hello again'))}`
  assert.is(both.text, 'hello() { echo hello; }\nif true; then\nhello\nfi\nhello again')
  assert.is(both.body, 'if true; then\nhello\nfi\nhello again')
  assert.is(shellFunction(['n'], greets).text, 'hello() { echo hello; }\nasked() {\nlocal n\nhello\n}\nasked')
  assert.equal(requestOf(greets), { script: 'hello', functions: ['hello() { echo hello; }'] })
})

test('a section with a deadline has a shell of its own, and so its functions in its text', () => {
  const greets = lines(shellFunctions('hello() { echo hello; }'), raw('hello'))
  const inShell = frame([{ name: 'a', sh: greets }]).script
  assert.equal(inShell.functions, ['hello() { echo hello; }'])
  assert.not.match(inShell.body, /hello\(\)/)
  const apart = frame([{ name: 'a', sh: greets, deadline: 1 }]).script
  assert.not.ok(apart.functions.includes('hello() { echo hello; }'))
  assert.match(apart.body, /hello\(\)/)
})

test.run()
