import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { exec, file, playbook, role, run, type Problem, type Resource, type RunEvent } from '../../lib/index.ts'
import { kind } from '../../lib/resources/kit/kind.ts'
import { LOG_MARK, stateAndLog } from '../../lib/resources/processes/after-start.ts'
import { raw, sh } from '../../lib/sh/quote.ts'

const room = mkdtempSync(join(tmpdir(), 'after-start-'))
const at = (name: string) => join(room, name)
const inventory = at('hosts.yml')
writeFileSync(inventory, 'all: { hosts: { a: { ansible_connection: local } } }\n')
test.after(() => rmSync(room, { recursive: true }))

let count = 0
test.before.each(() => void count++)

/** Stands for a program that lives for so many seconds, or for ever, and says why when it ends. `restarts`: a script that prints how often it was started again. */
function daemon(name: string, seconds: number, { failure = 1, restarts = 'echo 0' } = {}): Resource {
  const begun = at(`${name}-${count}.begun`)
  const log = at(`${name}-${count}.log`)
  const dies =
    seconds === Infinity
      ? ''
      : `{ sleep ${seconds}; echo 'broken line of ${name}' >'${log}'; } >/dev/null 2>&1 </dev/null &`
  return kind<{ readonly name: string }, { readonly begun: boolean }>({
    name: 'daemon',
    probe: () => sh`[ -e ${begun} ] && echo begun; :`,
    read: (_, { text }) => ({ begun: text !== '' }),
    plan: (_, have) =>
      have.begun
        ? []
        : [
            {
              summary: `start ${name}`,
              sh: sh`${raw(dies)}
: >${begun}`,
            },
          ],
    advanced: {
      afterStart: () => ({
        look: () => sh`[ -e ${log} ] || { ${raw(restarts)}; exit; }
echo ended; echo ${LOG_MARK}; cat ${log}`,
        read(reply) {
          const { state, log: said } = stateAndLog(reply)
          if (state[0] === 'ended')
            return { type: failure === 0 ? 'down' : 'failed', message: `${name} has ended`, log: said }
          return { type: 'up', restarts: Number(state[0]), log: '' }
        },
      }),
    },
  })(name, { name })
}

async function ran(roles: readonly (readonly Resource[])[]) {
  const made = roles.map((resources, index) =>
    role({
      name: `role-${index}`,
      async apply({ ensure }) {
        for (const each of resources) await ensure(each)
      },
    }),
  )
  const book = playbook({ name: 'test', plays: [{ name: 'p', hosts: 'a', roles: made }] })
  const events: RunEvent[] = []
  const begun = Date.now()
  for await (const event of run(book, { mode: 'apply', inventory, journal: false })) events.push(event)
  const problems = events.flatMap((event): Problem[] => (event.type === 'problem' ? [event.problem] : []))
  const summary = events.find((event) => event.type === 'summary')
  return {
    problems,
    ms: Date.now() - begun,
    host: summary?.hosts['a'],
    ok: summary?.ok,
    said: events.flatMap((event) =>
      event.type === 'resource' ? [`${event.role} ${event.resource} ${event.status}`] : [],
    ),
  }
}

test('what ends half a second after its start fails, with its place, its log and its role', async () => {
  const { problems, said, ok, host } = await ran([[daemon('jail', 0.5)]])
  assert.equal(said, ['role-0 daemon:jail changed', 'role-0 daemon:jail failed'])
  const [problem] = problems
  assert.is(problem?.message, 'jail has ended')
  assert.is(problem?.output, 'broken line of jail')
  assert.is(problem?.lastLine, 'broken line of jail')
  assert.match(problem?.place?.file ?? '', /report-failed-starts\.test\.ts$/)
  assert.is(problem?.role, 'role-0')
  assert.is(ok, false)
  assert.equal([host?.changed, host?.failed], [1, 1])
})

test('what lives on is as wanted, and is asked for once', async () => {
  const { ok, said, host, ms } = await ran([[daemon('web', Infinity), daemon('db', Infinity)]])
  assert.ok(ok)
  assert.equal(said, ['role-0 daemon:web changed', 'role-0 daemon:db changed'])
  // Connecting, two questions, two starts, one look.
  assert.is(host?.roundTrips, 6)
  assert.ok(ms >= 2000, `${ms} ms`)
})

test('a run that starts nothing asks nothing more and waits for nothing', async () => {
  const web = daemon('web', Infinity)
  await ran([[web]])
  const { host, ok } = await ran([[web, file(at('note'), { content: `${count}\n` })]])
  assert.ok(ok)
  assert.is(host?.roundTrips, 4)
})

test('the next role of a host does not wait, and what the one before it has started fails in its own name', async () => {
  const note = at(`note-${count}`)
  const { problems, said, ok } = await ran([[daemon('jail', 0.5)], [file(note, { content: 'x\n' })]])
  assert.equal(said, ['role-0 daemon:jail changed', `role-1 file:${note} changed`, 'role-0 daemon:jail failed'])
  assert.is(problems[0]?.role, 'role-0')
  assert.is(ok, false)
})

test('when a later role fails, what has ended before it is told too', async () => {
  const { problems } = await ran([
    [daemon('db', 0.5)],
    [exec('ask the database', { run: 'false', unless: 'false' })],
    [file(at('n'), { content: '' })],
  ])
  assert.equal(
    problems.map(({ resource }) => resource),
    ['exec:ask the database', 'daemon:db'],
  )
})

test('what ended without a failure is as wanted only where a command after it may have stopped it', async () => {
  const { ok } = await ran([
    [daemon('job', 0.5, { failure: 0 }), exec('stop it', { run: `touch ${at('s')}`, creates: at('s') })],
  ])
  assert.ok(ok)
  const other = await ran([[daemon('other', 0.5, { failure: 0 })]])
  assert.is(other.ok, false)
})

test('what is started again and again has failed, and what was started again once has not', async () => {
  const counter = at('counter')
  const grows = `echo x >>${counter}; wc -l <${counter}`
  const { problems } = await ran([[daemon('loop', Infinity, { restarts: grows })]])
  assert.match(problems[0]?.message ?? '', /^it ends soon after each start, and was started again 5 times/)
  const once = await ran([[daemon('once', Infinity, { restarts: 'echo 1' })]])
  assert.ok(once.ok)
})

test.run()
