import type { Host } from '../../lib/host/host.ts'
import { unlike } from './by-chance.ts'
import { compare } from './compare.ts'
import { contradicts, contradictsByMount } from './contradiction.ts'
import { outside } from './outside.ts'
import { runCase, type Ran } from './run-case.ts'
import { differences, type Snapshot } from './snapshot.ts'
import type { Case } from './spec.ts'
import type { TrialHost } from './trial-host.ts'

/** What does not hold: which of the promises, and what was seen. */
export interface Fault {
  readonly promise: Promise_
  readonly seen: string
}

type Promise_ =
  | 'check foresees apply'
  | 'a refused resource is not touched'
  | 'a second apply changes nothing'
  | 'check after apply says ok'
  | 'a killed apply, run again, converges'
  | 'nothing outside changes'
  | 'check changes nothing'
  | 'no error but a refusal'

export interface Verdict {
  readonly faults: readonly Fault[]
  readonly resources: number
  /** Reasons of what check did not know. */
  readonly unknown: readonly string[]
  /** How the first apply went: for figures of how much of a grammar is refused. */
  readonly failed: boolean
  /** The role wants two things of one place, under two names of it, or decides by what it changes later: no apply could be the last. */
  readonly contradicts: boolean
}

const nothingSaid: Verdict = { faults: [], resources: 0, unknown: [], failed: false, contradicts: true }

/** When and how the second half of a trial ends an apply: a share of the time that the first one took. */
export interface Strike {
  readonly share: number
  readonly how: 'cut' | 'kill'
}

/** Tries one case: check, apply, apply, check; then once more from the start with an apply that is killed. */
export async function trial(host: TrialHost, spec: Case, strike?: Strike): Promise<Verdict> {
  await prepare(host, spec)
  const machine = await host.connect()
  try {
    const faults: Fault[] = []
    const say = (promise: Promise_, seen: readonly string[]) => {
      if (seen.length > 0) faults.push({ promise, seen: seen.slice(0, 4).join('\n') })
    }
    const [check, start] = await checked(host, machine, spec, say)
    const beganAt = performance.now()
    const apply = await runCase(spec, machine, 'apply')
    const took = performance.now() - beganAt
    const applied = await host.snapshot()
    const comparison = compare(check, apply)
    const isUndone = apply.problems.some(({ code }) => code === 'not-converged')
    if (isUndone && contradicts(spec, start, applied)) return nothingSaid
    if (comparison.surprises.length > 0 && contradictsByMount(spec)) return nothingSaid
    say('no error but a refusal', [...threw(check), ...threw(apply)])
    say('check foresees apply', comparison.surprises)
    const failed = apply.problems.length > 0
    say(
      failed ? 'a refused resource is not touched' : 'nothing outside changes',
      outside(spec, start, applied, changedIn(apply)),
    )
    const unknown = comparison.unknown.map(({ reason }) => reason)
    const whole = { faults, resources: comparison.resources, unknown, failed, contradicts: false }
    // What comes after one fault is mostly the same one once more.
    if (faults.length > 0) return whole
    // A command that has failed may have done half of what it does.
    if (apply.said.some(({ name, status }) => status === 'failed' && nameOf(name).startsWith('exec:'))) return whole
    const again = await runCase(spec, machine, 'apply')
    const settled = await host.snapshot()
    // Where something is refused, a candidate may have stood beside its place for its validator.
    const unrest = [...restless(apply, again), ...written(applied, settled, !failed)]
    if (unrest.length > 0 && contradicts(spec, start, applied)) return nothingSaid
    say('a second apply changes nothing', unrest)
    if (faults.length > 0) return whole
    const [last] = await checked(host, machine, spec, say)
    say('check after apply says ok', compare(last, again).surprises)
    // A server that is killed with all else would have to be started again.
    const isStruck = strike !== undefined && spec.hasDatabases !== true
    if (!isStruck || failed || faults.length > 0) return whole
    return { ...whole, faults: await struck(host, spec, strike, took, settled) }
  } finally {
    machine.close()
  }
}

async function prepare(host: TrialHost, spec: Case): Promise<void> {
  await host.reset(spec.hasDatabases)
  // A line that writes into a pipe of an earlier one would never end.
  const each = (line: string) =>
    `timeout -k 1 60 /bin/sh -c '${line.replaceAll("'", `'\\''`)}' >/dev/null 2>&1 </dev/null`
  await host.sh(spec.setup.map(each).join('\n'))
}

type Say = (promise: Promise_, seen: readonly string[]) => void

/** Check, and whether it has changed anything. */
async function checked(host: TrialHost, machine: Host, spec: Case, say: Say): Promise<[Ran, Snapshot]> {
  const before = await host.snapshot()
  const check = await runCase(spec, machine, 'check')
  const after = await host.snapshot()
  say('check changes nothing', written(before, after))
  return [check, after]
}

async function struck(host: TrialHost, spec: Case, strike: Strike, took: number, wanted: Snapshot): Promise<Fault[]> {
  const faults: Fault[] = []
  const say: Say = (promise, seen) => {
    if (seen.length > 0) faults.push({ promise, seen: seen.slice(0, 4).join('\n') })
  }
  await prepare(host, spec)
  const victim = await host.connect()
  const run = runCase(spec, victim, 'apply').catch(() => undefined)
  await new Promise((go) => setTimeout(go, took * strike.share))
  await host[strike.how]()
  await run
  victim.close()
  const machine = await host.connect()
  try {
    const [check] = await checked(host, machine, spec, say)
    const apply = await runCase(spec, machine, 'apply')
    say(
      'check foresees apply',
      compare(check, apply).surprises.map((line) => `after a killed apply: ${line}`),
    )
    const told = apply.problems.map(({ message }) => message)
    say('a killed apply, run again, converges', [...told, ...unlike(spec, wanted, await host.snapshot())])
  } finally {
    machine.close()
  }
  return faults
}

function threw({ threw: error }: Ran): string[] {
  return error === undefined ? [] : [error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error)]
}

/** What a run told as changed. A command that has failed may have done anything before. */
function changedIn({ said }: Ran): Set<string> {
  const acted = said.filter(({ name, status }) => status === 'changed' || nameOf(name).startsWith('exec:'))
  return new Set(acted.map(({ name }) => nameOf(name)))
}

/** `kind:name` without the role and without a number. */
function nameOf(name: string): string {
  return name.replace(/^\S+ /, '').replace(/ #\d+$/, '')
}

/** What a second apply did although the first had done it. */
function restless(first: Ran, second: Ran): string[] {
  const before = new Map(first.said.map(({ name, status }) => [name, status]))
  const lines = second.said.flatMap(({ name, status, reason }) => {
    const was = before.get(name)
    const expected = was === 'changed' ? 'ok' : was
    return status === expected ? [] : [`${name}: ${was ?? 'nothing'} at first, then ${status} ${reason}`]
  })
  return second.said.length === first.said.length ? lines : [...lines, 'a second apply came to other resources']
}

/** What was written, though perhaps with the same in it. */
function written(before: Snapshot, after: Snapshot, strictly = true): string[] {
  return differences(before, after, strictly).map(({ path, from, to }) =>
    from === to ? `${path} was written (${to})` : `${path} was ${from}, is ${to}`,
  )
}
