import { inspect } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../lib/errors.ts'
import type { RunEvent } from '../../lib/events.ts'
import { shown, shownName, shownError, shownText } from '../../lib/gate/gate.ts'
import { neutral, neutralName } from '../../lib/gate/neutral.ts'
import { secret } from '../../lib/secret.ts'

const password = secret('gate-hunter2')

test('control and invisible characters are shown as readable text', () => {
  const said =
    'a\u001b[31mred\u001b]0;title\u0007\u009b2J\u009d8;;x\u009c\u202eevil\u2066\u200b\ufeff\u00ad\u{e0041}\ud800\r\nnext\tcell\rback\0\u007f'
  assert.is(
    neutral(said),
    'a\\x1b[31mred\\x1b]0;title\\x07\\x9b2J\\x9d8;;x\\x9c\\u202eevil\\u2066\\u200b\\ufeff\\xad\\u{e0041}\\ud800\nnext\tcell\\rback\\x00\\x7f',
  )
  assert.is(neutralName('two\nlines\t\u001b[2J'), 'two\\nlines\\t\\x1b[2J')
  assert.is(neutral('安装 é 😀 ok'), '安装 é 😀 ok')
  assert.is(neutral(neutral(said)), neutral(said))
})

test('all texts of an event pass the gate', () => {
  const raw: RunEvent = {
    type: 'resource',
    host: 'a\u001b[2J',
    role: 'app',
    resource: 'file:/etc/gate-hunter2\n',
    status: 'failed',
    steps: ['write gate-hunter2\nand more'],
    reason: 'it says gate-\u001b[1mhunter2 and gate-hunter2',
    durationMs: 1,
    at: 2,
  }
  assert.equal(shown(raw), {
    ...raw,
    host: 'a\\x1b[2J',
    resource: 'file:/etc/***\\n',
    steps: ['write ***\nand more'],
    reason: 'it says gate-\\x1b[1mhunter2 and ***',
  })
})

test('names of hosts in a summary pass the gate too, and numbers stay numbers', () => {
  const hosts = {
    'x\u202e': { ok: 1, changed: 0, unknown: 0, failed: 0, skipped: 0, unreachable: false, roundTrips: 2 },
  }
  const event = shown<RunEvent>({ type: 'summary', mode: 'check', ok: true, durationMs: 3, hosts })
  assert.equal(event, {
    type: 'summary',
    mode: 'check',
    ok: true,
    durationMs: 3,
    hosts: { 'x\\u202e': hosts['x\u202e'] },
  })
})

test('values of any type in place of texts break nothing and show nothing', () => {
  const circle: Record<string, unknown> = { password }
  circle['itself'] = circle
  const strange = [
    password,
    { password },
    [password],
    new Map([[password, password]]),
    new Error('gate-hunter2'),
    circle,
    5n,
    () => 1,
  ]
  for (const message of strange) {
    const event = { type: 'note', host: 'a', message, at: 0 } as unknown as RunEvent
    const line = JSON.stringify(shown(event))
    assert.not.match(line, 'hunter2')
    assert.match(line, /"message":/)
  }
})

test('a text under a name that every object has passes the gate too: a host, a variable and a field may be called so', () => {
  const names = [...Object.getOwnPropertyNames(Object.prototype), 'other']
  const under = (value: unknown) => Object.entries(shown(Object.fromEntries(names.map((name) => [name, value]))))
  const each = (value: unknown) => names.map((name) => [name, value])
  assert.equal(under('gate-hunter2\u001b'), each('***\\x1b'))
  assert.equal(under({ ms: 1 }), each({ ms: 1 }))
})

test('a text that is too long tells how much is missing, and is cut only once', () => {
  const once = shownText('é'.repeat(20_000))
  assert.match(once, /^é{16384}\.\.\. 7232 bytes more$/)
  assert.is(shownText(once), once)
  assert.is(shownText('é'.repeat(16_400)).length, 16_400)
  assert.match(shownName('x'.repeat(5000)), /^x{4096}\.\.\. 904 bytes more$/)
  const problem = shown({ code: 'step-failed', message: 'm', output: `${'x'.repeat(70_000)}the last words` })
  assert.match(problem.output, /^4478 bytes more \.\.\.x+the last words$/)
})

test('a secret is masked before a text is cut: no piece of it is left', () => {
  assert.not.match(shownText(`${'x'.repeat(16_380)}gate-hunter2${'x'.repeat(500)}`), 'gate')
})

test('a name that was shown is masked as soon as it is known as a secret', () => {
  assert.is(shownName('gate-later'), 'gate-later')
  assert.is(shownName('gate-later'), 'gate-later')
  secret('gate-later')
  assert.is(shownName('gate-later'), '***')
})

test('an error has no secrets in its message, its stack and its problems', () => {
  const refusal = shownError(
    new RolecallError({ code: 'vars', message: 'gate-hunter2 is no address', got: 'gate-hunter2' }),
  )
  assert.instance(refusal, RolecallError)
  assert.not.match(inspect(refusal), 'hunter2')
  assert.is(refusal.message, '*** is no address')
})

test.run()
