import { readdirSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { Refusal } from '../errors.ts'
import type { RunEnd, RunEvent, SummaryEvent } from '../events.ts'
import { isAlive } from './alive.ts'
import type { Opening } from './journal.ts'
import type { Runner, RunRequest } from './request.ts'
import { unitKeys } from './unit-keys.ts'

/** A run that there was, as its journal tells it. */
export interface PastRun {
  readonly run: string
  /** When it began: milliseconds since the epoch. */
  readonly at: number
  readonly by: Runner
  readonly request: RunRequest
  readonly digests: Opening['digests']
  readonly hosts: readonly string[]
  readonly end: RunEnd
  readonly summary?: SummaryEvent
  /** How many units it had, and which of them were finished, there or in the run that it went on from. */
  readonly units: number
  readonly finished: ReadonlySet<string>
  /** Units that still have to be done: failed, not reached, cancelled, or never begun. */
  readonly left: number
  /** The run that it went on from. */
  readonly resumes?: string
}

/** The forms of journal that this reader understands. */
const VERSIONS: readonly number[] = [1]

/** Where journals are, when nobody says otherwise. */
export const JOURNALS = '.rolecall/runs'

/**
 * The runs that were journalled in a directory, the oldest first. None when the directory is not there.
 *
 * @param directory default `.rolecall/runs`
 * @param most only so many of the latest; default all
 *
 * @example
 * const last = pastRuns().at(-1)
 * if (last?.end === 'failed') console.log(`${last.left} of ${last.units} units are left`)
 */
export function pastRuns(directory = JOURNALS, most = Infinity): PastRun[] {
  const names = journalNames(directory)
  const runs = names.slice(-Math.min(most, names.length)).flatMap((name) => readPast(directory, name) ?? [])
  // Names tell the second only.
  return runs.sort((a, b) => a.at - b.at)
}

/**
 * The run to go on from: the one that is named, or the last one that did not end well and that no later run has gone over again.
 * `run(playbook, { ...past.request, resume: past })` goes on from it.
 *
 * Throws a Refusal when there is no such run, it is still running, or nothing is left of it.
 *
 * @param run its id as `rolecall runs` shows it; default the last one with something left
 * @param directory default `.rolecall/runs`
 *
 * @example
 * const past = pastRun()
 * for await (const event of run(site, { ...past.request, resume: past })) console.log(event)
 */
export function pastRun(run?: string, directory = JOURNALS): PastRun {
  const found = run === undefined ? lastUnfinished(pastRuns(directory)) : readPast(directory, run)
  if (found === undefined) throw new Refusal(run === undefined ? nothingLeft(directory) : noSuchRun(run, directory))
  if (found.end === 'running') {
    const { user, machine, pid } = found.by
    throw new Refusal({
      code: 'usage',
      message: `run ${found.run} is still running`,
      got: `process ${pid} of ${user} on ${machine}`,
      hint: 'wait until it has ended, or end it with Ctrl-C there',
    })
  }
  if (found.left === 0) {
    throw new Refusal({
      code: 'usage',
      message: `nothing is left of run ${found.run}: all its ${found.units} units were finished`,
      hint: `rolecall ${found.request.mode} ${found.request.playbook} runs the same again`,
    })
  }
  return found
}

function lastUnfinished(runs: readonly PastRun[]): PastRun | undefined {
  for (const [at, past] of [...runs.entries()].reverse()) {
    if (past.end === 'done' || past.end === 'running' || past.left === 0) continue
    if (!runs.slice(at + 1).some((later) => goesOver(later, past))) return past
  }
  return undefined
}

/** Whether a later run does all that an earlier one was asked for. */
function goesOver(later: PastRun, earlier: PastRun): boolean {
  if (later.resumes === earlier.run) return true
  return JSON.stringify(asked(later.request)) === JSON.stringify(asked(earlier.request))
}

function asked({ mode, playbook, inventory, limit, roles, tags, extra, withheld }: RunRequest): unknown {
  return [mode, playbook, inventory, limit, roles, tags, extra, withheld]
}

function journalNames(directory: string): string[] {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith('.jsonl'))
    return names.map((name) => name.slice(0, -'.jsonl'.length)).sort()
  } catch {
    return []
  }
}

function readPast(directory: string, name: string): PastRun | undefined {
  let text: string
  try {
    text = readFileSync(join(directory, `${name}.jsonl`), 'utf8')
  } catch {
    return undefined
  }
  return pastOf(text, (earlier) => readPast(directory, earlier))
}

/** Reads a journal, cut off anywhere. Undefined when not even its first line is whole: then no host had been touched. */
export function pastOf(text: string, earlier: (run: string) => PastRun | undefined): PastRun | undefined {
  // What stands behind the last newline is torn, or empty.
  const [first, ...others] = text.split('\n').slice(0, -1)
  const opening = parsed(first) as Opening | undefined
  if (opening?.type !== 'request' || !VERSIONS.includes(opening.version)) return undefined
  const events = others.flatMap((line) => (parsed(line) as RunEvent | undefined) ?? [])
  const begun = events.find((event) => event.type === 'run')
  const summary = events.findLast((event) => event.type === 'summary')
  const { resumes } = opening
  const before = resumes === undefined ? undefined : earlier(resumes)
  const finished = finishedIn(events, before?.finished ?? new Set())
  // Without its `run` event it has not begun; of an earlier one at least so much was left.
  const units = begun?.units ?? before?.units ?? 1
  return {
    run: opening.run,
    at: opening.at,
    by: opening.by,
    request: opening.request,
    digests: opening.digests,
    hosts: begun?.hosts ?? before?.hosts ?? [],
    end: endOf(opening, events, summary),
    ...(summary === undefined ? {} : { summary }),
    units,
    finished,
    left: Math.max(0, units - finished.size),
    ...(resumes === undefined ? {} : { resumes }),
  }
}

function finishedIn(events: readonly RunEvent[], before: ReadonlySet<string>): Set<string> {
  const finished = new Set(before)
  const begunKey = unitKeys()
  const endedKey = unitKeys()
  for (const event of events) {
    // One that was begun again is half done until it has ended.
    if (event.type === 'unit') finished.delete(begunKey(event))
    if (event.type !== 'unit-end') continue
    const key = endedKey(event)
    if (event.end === 'done') finished.add(key)
  }
  return finished
}

function endOf({ by }: Opening, events: readonly RunEvent[], summary: SummaryEvent | undefined): RunEnd {
  if (summary !== undefined) {
    if (events.some((event) => event.type === 'unit-end' && event.end === 'cancelled')) return 'interrupted'
    return summary.ok ? 'done' : 'failed'
  }
  // What runs on another machine that shares this directory cannot be known here.
  return by.machine === hostname() && isAlive(by.pid, by.start) ? 'running' : 'crashed'
}

function parsed(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? '')
  } catch {
    return undefined
  }
}

function noSuchRun(run: string, directory: string) {
  const near = journalNames(directory).findLast((name) => name.includes(run))
  return {
    code: 'usage' as const,
    message: `there is no run ${run}`,
    place: { file: directory },
    hint: near === undefined ? 'rolecall runs lists those there were' : `did you mean ${near}?`,
  }
}

function nothingLeft(directory: string) {
  return {
    code: 'usage' as const,
    message: 'there is nothing to resume: no run has anything left to do',
    place: { file: directory },
    hint: 'rolecall runs lists the runs there were, and how they ended',
  }
}
