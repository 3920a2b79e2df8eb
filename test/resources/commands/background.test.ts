import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { exec } from '../../../lib/resources/commands/exec.ts'
import { waitFor } from '../../../lib/resources/commands/waiting/wait-for.ts'
import { RolecallError } from '../../../lib/errors.ts'
import { secret } from '../../../lib/secret.ts'
import { evaluate, pending } from '../../../lib/testing/converge.ts'
import { ask, converge, scratch, shells, words, type Shell } from '../../support/converge-locally.ts'

const index = exec('index', { run: './reindex', creates: '/srv/index', background: true, deadline: 60 })
const wait = waitFor('the index', { exec: index, deadline: 30 })
const { command } = (index.want as { work: { command: string } }).work
const running = `work running ${command} 4711\n`

const begins = 'begin ./reindex in the background'
for (const [says, printed, start, end] of [
  [
    'it is not there: it is begun',
    'creates 0\n',
    [`${begins} (/srv/index is missing)`],
    'refused: index was not started',
  ],
  ['it is at work: it is waited for', `${running}creates 0\n`, [], ['wait up to 30 s for index']],
  ['it is at work beside an old result: it is waited for', `${running}creates 1\n`, [], ['wait up to 30 s for index']],
  ['it is done, and nobody has waited yet', 'work ended 0 1 0\ncreates 1\n', [], ['wait up to 30 s for index']],
  ['it is done, and was waited for', 'work ended 0 1 1\ncreates 1\n', [], []],
  ['it was done in an earlier run', 'work ended 0 0 0\ncreates 1\n', [], []],
  ['it was done long ago', 'creates 1\n', [], []],
  ['it failed, and its result is there in another way', 'work ended 3 0 0\ncreates 1\n', [], []],
  [
    'it failed in an earlier run: it is begun again',
    'work ended 3 0 0\nlast no space\ncreates 0\n',
    [`${begins} (/srv/index is missing; before, the command ended with 3: no space)`],
    'refused: the command ended with 3: no space',
  ],
  [
    'it failed in this run: that is told',
    'work ended 3 1 1\nlast no space\ncreates 0\n',
    'refused: the command ended with 3: no space',
    'refused: the command ended with 3: no space',
  ],
  [
    'it took too long',
    'work ended 124 1 1\ncreates 0\n',
    'refused: the command ended with 124, which may be its deadline of 60 s',
    'refused: the command ended with 124, which may be its deadline of 60 s',
  ],
  [
    'it ended well without its result',
    'work ended 0 1 1\ncreates 0\n',
    'refused: the command ended with 0, but /srv/index is not as wanted',
    'refused: the command ended with 0, but /srv/index is not as wanted',
  ],
  [
    'it was cut off by a boot: it is begun again',
    'work lost 0\ncreates 0\n',
    [`${begins} (/srv/index is missing; before, the command was ended before it could record its result)`],
    'refused: the command was ended before it could record its result',
  ],
  [
    'another command of this name is at work',
    'work running 0123456789abcdef 4711\ncreates 0\n',
    'refused: another command of this name is still running, as process 4711',
    ['wait up to 30 s for index'],
  ],
] as const)
  test(says, () => assert.equal([words(evaluate(index, printed)), words(evaluate(wait, printed))], [start, end]))

test('check mode foresees the wait for what is about to begin, and knows no more than it while it is unknown', () => {
  const begun = evaluate(index, 'creates 0\n')
  const effects = 'effects' in begun ? begun.effects : []
  assert.equal(words(evaluate(wait, 'creates 0\n', { prediction: pending({ 'exec:index': effects }) })), [
    'wait up to 30 s for index',
  ])
  const prediction = pending({})
  prediction.doubt('exec:index', effects)
  assert.match(String(words(evaluate(wait, 'creates 0\n', { prediction }))), /^unknown: /)
})

test('what it makes is in doubt until it has been waited for', () => {
  const begun = evaluate(index, 'creates 0\n')
  const prediction = pending({ 'exec:index': 'effects' in begun ? begun.effects : [] })
  const other = exec('other', { run: 'cp /dev/null /srv/index', creates: '/srv/index' })
  assert.is(
    words(evaluate(other, 'creates 0\n', { prediction })),
    'unknown: whether there will be a /srv/index is known only after exec:index, which goes on',
  )
  const ended = evaluate(wait, 'creates 0\n', { prediction })
  prediction.record('waitFor:the index', 'effects' in ended ? ended.effects : [])
  assert.equal(words(evaluate(other, 'creates 0\n', { prediction })), [])
})

test('what another one makes before is neither begun nor waited for', () => {
  const prediction = pending({ 'exec:other': [{ type: 'path', path: '/srv/index', state: { type: 'file' } }] })
  assert.equal(
    [index, wait].map((each) => words(evaluate(each, 'creates 0\n', { prediction }))),
    [[], []],
  )
})

for (const [what, options] of [
  ['changedBy', { changedBy: [3] }],
  ['allowFailure', { allowFailure: true }],
  ['reconnect', { reconnect: {} }],
] as const)
  test(`${what} has nothing to say of what has only begun`, () =>
    assert.throws(
      () => exec('it', { run: 'true', creates: '/x', background: true, ...options }),
      (error: unknown) => error instanceof RolecallError && String(error).includes(what),
    ))

test('only what goes on in the background is waited for', () =>
  assert.throws(() => waitFor('it', { exec: exec('it', { run: 'true', creates: '/x' }) }), /background/))

/** A place of the user's own for what is kept: these tests need no root, and no systemd begins the work. */
function place(shell: Shell): { readonly dir: string; readonly env: Readonly<Record<string, string>> } {
  const dir = scratch()
  const bin = join(dir, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'id'), '#!/bin/sh\necho 1000\n', { mode: 0o755 })
  return { dir, env: { HOME: dir, PATH: `${bin}:${shell.path}` } }
}

for (const shell of shells()) {
  test(`${shell.name}: work goes on while others begin, is waited for, and is done once`, async () => {
    const { dir, env } = place(shell)
    const [go, out] = [join(dir, 'go'), join(dir, 'out')]
    const work = exec('work', {
      run: `echo beginning; while [ ! -e ${go} ]; do sleep 0.1; done; cat >${out}; echo "$WORD" >>${out}; umask >>${out}`,
      env: { WORD: secret('battery staple') },
      stdin: 'input\n',
      creates: out,
      background: true,
    })
    const circumstances = { env }
    const first = await converge(shell, work, circumstances)
    assert.equal([first.did.length, words(first.again)], [1, []])
    assert.is(existsSync(out), false)
    const again = await converge(shell, work, circumstances)
    assert.equal(words(again.evaluation), [], 'it is found at work')
    const impatient = await converge(shell, waitFor('it', { exec: work, deadline: 1 }), circumstances)
    assert.match(impatient.failed?.stderr ?? '', /beginning\n[^]*it is still at work, as process \d+/)
    writeFileSync(go, '')
    const waited = await converge(shell, waitFor('it', { exec: work, deadline: 60 }), circumstances)
    assert.equal([waited.failed, words(waited.again)], [undefined, []])
    assert.is(readFileSync(out, 'utf8'), 'input\nbattery staple\n0022\n')
    assert.equal(words(await ask(shell, work, circumstances)), [])
  })

  test(`${shell.name}: how it failed is told, and the next run begins it again`, async () => {
    const { dir, env } = place(shell)
    const work = exec('work', {
      run: 'echo; echo no space left >&2; exit 7',
      creates: join(dir, 'out'),
      background: true,
    })
    const { did, failed } = await converge(shell, work, { env })
    assert.equal([did.length, failed], [1, undefined])
    const waited = await converge(shell, waitFor('it', { exec: work }), { env })
    const told = waited.failed?.stderr ?? String(words(waited.evaluation))
    assert.match(told, /no space left[^]*ended with 7|ended with 7: no space left/)
    const next = String(words(await ask(shell, work, { env })))
    assert.match(
      next,
      /^begin .*; before, the command ended with 7: no space left\)$|^refused: the command ended with 7: no space left$/,
    )
  })

  test(`${shell.name}: what was killed is told, and not taken for done`, async () => {
    const { dir, env } = place(shell)
    const work = exec('work', { run: 'sleep 300', creates: join(dir, 'out'), background: true })
    await converge(shell, work, { env })
    const { name } = (work.want as { work: { name: string } }).work
    const [pid = ''] = readFileSync(join(dir, '.cache/rolecall', name, 'pid'), 'utf8').split(' ')
    process.kill(-Number(pid), 'SIGKILL')
    const waited = await converge(shell, waitFor('it', { exec: work }), { env })
    assert.match(waited.failed?.stderr ?? String(words(waited.evaluation)), /ended before it could record its result/)
  })

  test(`${shell.name}: its deadline ends it`, async () => {
    const { dir, env } = place(shell)
    const work = exec('work', { run: 'sleep 300', creates: join(dir, 'out'), background: true, deadline: 1 })
    await converge(shell, work, { env })
    const waited = await converge(shell, waitFor('it', { exec: work }), { env })
    assert.match(waited.failed?.stderr ?? String(words(waited.evaluation)), /ended with (124|143)/)
  })
}

test.run()
