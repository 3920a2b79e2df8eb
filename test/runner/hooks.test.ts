import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  exec,
  file,
  playbook,
  role,
  run,
  secret,
  sh,
  using,
  z,
  type Hooks,
  type Mode,
  type Play,
  type RunEvent,
  type RolecallError,
} from '../../lib/index.ts'
import { watchStrayErrors } from '../../lib/runner/stray-errors.ts'

const room = mkdtempSync(join(tmpdir(), 'hooks-'))
test.after(() => rmSync(room, { recursive: true }))
const hosts = ['a', 'b', 'c']
const of = (name: string) => join(room, `release-${name}`)
test.before.each(() => hosts.forEach((name) => rmSync(of(name), { force: true })))

const app = role({
  name: 'app',
  apply: ({ ensure, host }) => ensure(file(of(host.name), { content: '' })).then(() => undefined),
})
const broken = role({
  name: 'broken',
  apply: ({ ensure }) => ensure(exec('breaks', { run: 'false', changedBy: [] })).then(() => undefined),
})

async function ran(
  mode: Mode,
  {
    hooks,
    plays,
    confirm,
  }: { hooks?: Hooks; plays: readonly Play[]; confirm?: (question: string) => Promise<boolean> },
) {
  const inventory = join(room, 'hosts.yml')
  const each = hosts.map((name) => `${name}: { ansible_connection: local }`).join(', ')
  writeFileSync(inventory, `all: { hosts: { ${each} } }\n`)
  const book = playbook({ name: 'test', plays, ...(hooks === undefined ? {} : { hooks }) })
  const events: RunEvent[] = []
  const options = { mode, inventory, journal: false, ...(confirm === undefined ? {} : { confirm }) } as const
  for await (const event of run(book, options)) events.push(event)
  const summary = events.at(-1)
  return {
    problems: events.flatMap((event) => (event.type === 'problem' ? [event.problem] : [])),
    notBegun: events.flatMap((event) =>
      event.type === 'unit-end' && event.notBegun ? [`${event.host} ${event.role} ${event.notBegun.type}`] : [],
    ),
    ok: summary?.type === 'summary' && summary.ok,
  }
}

/** All hooks, each of which writes down what it was told. */
function recording(said: string[], more: Hooks = {}): Hooks {
  return {
    beforeRun: ({ mode, hosts: all }) => void said.push(`${mode} ${all.join()}`),
    afterRun: ({ ok, problems, counts }) =>
      void said.push(`over ${ok ? 'well' : 'badly'}, ${problems.length} problems, ${counts['a']?.changed ?? 0} on a`),
    beforePlay: ({ play, hosts: all }) => void said.push(`play ${play} ${all.join()}`),
    afterPlay: ({ play, failed }) => void said.push(`end of ${play}, failed: ${failed.join()}`),
    beforeHost: ({ play, host }) => void said.push(`${play} on ${host}`),
    afterHost: ({ play, host, end }) => void said.push(`${play} on ${host} ${end}`),
    ...more,
  }
}

const web: Play = { name: 'web', hosts: 'a:b', roles: [app, app], concurrency: 1 }

test('hooks are called around the run, each play and each host of a play, with what happened', async () => {
  const said: string[] = []
  const later: Play = { name: 'later', hosts: 'c', roles: [broken, app], after: ['web'] }
  const { ok } = await ran('apply', { hooks: recording(said), plays: [{ ...web, roles: [app] }, later] })
  assert.not.ok(ok)
  assert.equal(said, [
    ...[
      'apply a,b,c',
      'play web a,b',
      'web on a',
      'web on a done',
      'web on b',
      'web on b done',
      'end of web, failed: ',
    ],
    ...['play later c', 'later on c', 'later on c failed', 'end of later, failed: c', 'over badly, 1 problems, 1 on a'],
  ])
})

test('problems come to a hook with secrets masked', async () => {
  const leaky = role({
    name: 'leaky',
    vars: z.object({ token: z.string().transform(secret) }),
    apply: ({ ensure, vars }) =>
      ensure(exec('breaks', { run: sh`echo ${vars.token} >&2; false`, changedBy: [] })).then(() => undefined),
  })
  let told = ''
  const hooks: Hooks = { afterRun: ({ problems }) => void (told = JSON.stringify(problems)) }
  const play: Play = { name: 'web', hosts: 'a', roles: [using(leaky, { token: 'correct-horse-battery' })] }
  await ran('apply', { hooks, plays: [play] })
  assert.match(told, 'breaks')
  assert.not.match(told, 'correct-horse')
})

test('in check and verify, hooks are called only where the playbook says so', async () => {
  const said: string[] = []
  await ran('check', { hooks: recording(said), plays: [web] })
  await ran('verify', { hooks: recording(said), plays: [web] })
  assert.equal(said, [])
  await ran('check', { hooks: recording(said, { modes: ['check'] }), plays: [web] })
  assert.is(said[0], 'check a,b')
  assert.not.ok(existsSync(of('a')))
})

const failing = () => {
  throw new Error('no answer')
}

test('an error in a hook before something keeps it from beginning, with the place of the error', async () => {
  let refused: RolecallError | undefined
  await ran('apply', { hooks: { beforeRun: failing }, plays: [web] }).catch(
    (error: unknown) => (refused = error as RolecallError),
  )
  assert.is(refused?.problems[0]?.message, 'the hook beforeRun ended with an error: no answer')
  assert.match(refused?.problems[0]?.place?.file ?? '', /hooks\.test\.ts$/)
  assert.equal(hosts.map(of).filter(existsSync), [])

  const play = await ran('apply', { hooks: { beforePlay: failing }, plays: [{ ...web, roles: [app] }] })
  assert.equal([play.ok, play.problems.map(({ host }) => host).toSorted()], [false, ['a', 'b']])
  assert.equal(hosts.map(of).filter(existsSync), [])

  const only: Hooks = { beforeHost: ({ host }) => (host === 'a' ? failing() : undefined) }
  const host = await ran('apply', { hooks: only, plays: [{ ...web, roles: [app] }] })
  assert.equal([host.ok, host.problems.map((problem) => problem.host)], [false, ['a']])
  assert.equal(hosts.map(of).filter(existsSync), [of('b')])
})

test('an error in a hook after something fails the run, and changes stay', async () => {
  for (const name of ['afterHost', 'afterPlay', 'afterRun'] as const) {
    const { ok, problems } = await ran('apply', { hooks: { [name]: failing }, plays: [{ ...web, hosts: 'a' }] })
    assert.equal([ok, problems.length], [false, 1], name)
    assert.match(problems[0]?.hint ?? '', 'what the roles did is done')
    assert.ok(existsSync(of('a')))
  }
})

test('what the first hook leaves to fail while another run watches is a problem of this run', async () => {
  // As in a process with several runs, such as the server for agents.
  const unwatch = watchStrayErrors()
  try {
    const beforeRun = async () => {
      void Promise.reject(new Error('left behind'))
      await sleep(20)
    }
    const { problems } = await ran('apply', {
      hooks: { beforeRun },
      plays: [{ name: 'web', hosts: 'a', roles: [app] }],
    })
    assert.equal(
      problems.map(({ message }) => message),
      ['the hook beforeRun ended with an error: left behind'],
    )
  } finally {
    unwatch()
  }
})

test('a hook that is misspelt, or no function, is refused', () => {
  const wrong = (hooks: object) => {
    try {
      playbook({ name: 'test', plays: [web], hooks })
      return ''
    } catch (error) {
      return JSON.stringify(error)
    }
  }
  assert.match(wrong({ beforRun: failing }), 'beforeRun')
  assert.match(wrong({ afterRun: 'mail' }), 'a function')
  assert.match(wrong({ modes: ['plan'] }), 'check, apply or verify')
})

const asking: Play = { name: 'web', hosts: 'all', roles: [app], serial: 1, pause: 'ask' }

test('between batches the user is asked whether to go on, and a no ends the play', async () => {
  const asked: string[] = []
  const confirm = (question: string) => Promise.resolve(asked.push(question) < 2)
  const { ok, notBegun } = await ran('apply', { plays: [asking], confirm })
  assert.equal(asked, [
    'Batch 1 of play web is done. Go on with batch 2?',
    'Batch 2 of play web is done. Go on with batch 3?',
  ])
  assert.equal([ok, notBegun], [false, ['c app declined']])
  assert.equal(hosts.map(of).filter(existsSync), [of('a'), of('b')])
  // Nothing has changed where nothing was left to do: there is no question behind it.
  const again = await ran('apply', { plays: [{ ...asking, hosts: 'a:b' }], confirm: () => Promise.resolve(false) })
  assert.equal([again.ok, again.notBegun], [true, []])
})

test('without a terminal such a run is refused before any host is touched; a single batch needs no question', async () => {
  let refused: RolecallError | undefined
  await ran('apply', { plays: [asking] }).catch((error: unknown) => (refused = error as RolecallError))
  assert.match(
    refused?.problems[0]?.message ?? '',
    'play web asks before its next batch, and there is no terminal to ask at',
  )
  assert.is(refused?.problems[0]?.expected, '--yes, to answer in advance')
  assert.equal(hosts.map(of).filter(existsSync), [])
  assert.ok((await ran('check', { plays: [asking] })).ok)
  assert.ok((await ran('apply', { plays: [{ ...asking, hosts: 'a' }] })).ok)
})

test.run()
