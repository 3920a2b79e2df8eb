// Own process: errors that nobody catches are told for the whole process
import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ProcessPromise } from 'zx/core'
import { role, secret, sh, z, type ApplyContext } from '../../lib/index.ts'
import { runRoles } from '../support/run-role.ts'

type Context = ApplyContext<Record<string, unknown>>

/** What a role with this body is told: its problems, each with its hint behind an arrow. */
async function problemsOf(work: (context: Context) => unknown): Promise<readonly string[]> {
  const { problems } = await runRoles('check', [
    role({
      name: 'reader',
      vars: z.object({}),
      async apply(context) {
        await work(context)
      },
    }),
  ])
  for (const { place, message } of problems)
    if (!message.includes('not awaited')) assert.match(place?.file ?? '', 'read-commands.test.ts', message)
  return problems.map(({ message, hint }) => (hint === undefined ? message : `${message} -> ${hint}`))
}

/** As code without types may have it. */
const anything = (value: unknown) => value as string

const WORD = 'Expected a word of a command to be a text or a number, got '
for (const [value, got] of [
  [undefined, 'undefined'],
  [null, 'null'],
  [{ a: 1 }, 'an object'],
  [() => 1, 'a function'],
  [Number.NaN, 'NaN'],
  [['a', undefined], 'undefined'],
] as const)
  test(`a word that is ${got} is refused by $.read, $ and sh: ${typeof value}`, async () => {
    const word = anything(value)
    for (const work of [
      ({ $ }: Context) => $.read`echo ${word}`,
      ({ $ }: Context) => $({ creates: '/nowhere' })`echo ${word}`,
      () => sh`echo ${word}`,
    ]) {
      const [problem = ''] = await problemsOf(work)
      assert.ok(problem.startsWith(`${WORD}${got} -> `), problem)
    }
  })

test('words are texts, numbers, booleans, secrets, scripts, lists of these, and output of earlier commands', async () => {
  let said = ''
  assert.equal(
    await problemsOf(async ({ $ }) => {
      const first = await $.read`echo one`
      const words = [1n, secret('two words')]
      said = await $.read`printf '%s,' ${first} ${words} ${true} ${sh`a b`} ${$.read`echo later`}`.text()
    }),
    [],
  )
  assert.is(said, 'one,1,two words,true,a b,later,')
})

for (const [option, value] of [
  ['sync', true],
  ['shell', '/bin/bash'],
  ['signal', new AbortController().signal],
  ['detached', true],
  ['prefix', 'set -e;'],
] as const)
  test(`$.read({ ${option} }) is refused: it would mean nothing on a host, or run the command here`, async () => {
    const [problem] = await problemsOf(({ $ }) => $.read({ [option]: value })`true`)
    assert.is(problem, `unknown option "${option}" of $.read({ ... })`)
  })

test('an option of zx that has another name here is answered with that', async () => {
  const [problem] = await problemsOf(({ $ }) => $.read({ ...{ nothrow: true, timeout: '5s' } })`true`)
  assert.is(problem, 'unknown option "timeout" of $.read({ ... }) -> write deadline, in seconds')
})

test('an option cannot be set for all commands', async () => {
  const [problem = ''] = await problemsOf(({ $ }) => Object.assign($.read, { shell: '/bin/bash' }))
  assert.match(problem, '$.read.shell cannot be set -> ')
})

test('a time limit ends the command on the host, by option or by method, and an answer in time is one', async () => {
  const late = 'the command sleep 20; echo later was ended, because its time was up'
  const hint = 'see what it waits for on the host, or give it more time'
  assert.equal(await problemsOf(({ $ }) => $.read({ deadline: 1 })`sleep 20; echo later`), [`${late} -> ${hint}`])
  assert.equal(await problemsOf(({ $ }) => $.read`sleep 20; echo later`.timeout('1s')), [`${late} -> ${hint}`])
  let said = ''
  const inTime = await problemsOf(async ({ $ }) => {
    said += await $.read({ deadline: 60, input: 'given' })`cat`.text()
    said += String((await $.read({ deadline: 60 })`exit 3`.nothrow()).exitCode)
    said += await $.read`echo piped`.pipe($.read({ deadline: 60 })`cat`).text()
  })
  assert.equal(inTime, [])
  assert.is(said, 'given3piped\n')
})

test('a time limit that comes after the command has begun, or is none, is refused', async () => {
  const [late = ''] = await problemsOf(async ({ $ }) => {
    const command = $.read`sleep 1`
    await delay(300)
    void command.timeout('5s')
    await command
  })
  assert.match(late, '.timeout() comes too late: the command has begun -> ')
  const [odd = ''] = await problemsOf(({ $ }) => $.read`true`.timeout(anything('soon') as '5s'))
  assert.match(odd, 'Expected a duration, such as \'5s\', got "soon"')
})

for (const [name, call] of [
  ['kill', (command: ProcessPromise) => command.kill()],
  ['abort', (command: ProcessPromise) => command.abort()],
  ['stdio', (command: ProcessPromise) => command.stdio('inherit')],
] as const)
  test(`.${name}() is refused: no process of this machine stands behind a command on a host`, async () => {
    const [problem = ''] = await problemsOf(({ $ }) => call($.read`true`))
    assert.match(problem, `.${name}() does nothing to a command on a host -> `)
  })

test('what a timer of a role throws fails the role, and no other', async () => {
  const problems = await problemsOf(async () => {
    setTimeout(() => {
      throw new Error('in a timer')
    }, 20)
    await delay(200)
  })
  assert.match(problems[0] ?? '', 'a function that the role does not await ended with an error: in a timer')
})

test.run()
