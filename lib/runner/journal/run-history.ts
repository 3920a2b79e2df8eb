import { readdirSync, readFileSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { RolecallError } from '../../errors.ts'
import type { RunEnd, SummaryEvent } from '../../events.ts'
import { isProcessAlive } from './process-alive.ts'
import { codeWeakness } from '../../trusted.ts'
import type { RunHeader } from './journal.ts'
import { isRunId, readJournal, type JournalEvent } from './journal-text.ts'
import type { Runner, RunRequest } from './request.ts'
import { unitKeys } from '../units/unit-keys.ts'

/** An earlier run, as its journal describes it. */
export interface PastRun {
  readonly run: string
  /** When it began: milliseconds since the epoch. */
  readonly at: number
  readonly by: Runner
  readonly request: RunRequest
  readonly digests: RunHeader['digests']
  readonly hosts: readonly string[]
  readonly end: RunEnd
  readonly summary?: SummaryEvent
  /** How many units it had, and which of them were finished, in it or in the run that it resumed. */
  readonly units: number
  readonly finished: ReadonlySet<string>
  /** Units that are still to be done: failed, not reached, cancelled, or never begun. */
  readonly left: number
  /** The run that it resumed. */
  readonly resumes?: string
}

/** A journal that cannot be read, and why. */
export interface UnreadableRun {
  readonly file: string
  /** Follows "the journal" in a message: `is a directory`. */
  readonly why: string
}

/** No journal of ours is nearly as long. */
const MOST_BYTES = 256 * 1024 * 1024
/** The longest chain of runs that resumed one another. */
const LONGEST_CHAIN = 200

/** The default directory of journals. */
export const JOURNALS = '.rolecall/runs'

/**
 * The runs with a journal in a directory, the oldest first. None when the directory does not exist.
 *
 * @param directory default `.rolecall/runs`
 * @param most only this many of the latest; default all
 *
 * @example
 * const last = pastRuns().at(-1)
 * if (last?.end === 'failed') console.log(`${last.left} of ${last.units} units are left`)
 */
export function pastRuns(directory = JOURNALS, most = Infinity): PastRun[] {
  return readRuns(directory, most).runs
}

/** The same with journals that cannot be read. */
export function readRuns(directory: string, most: number): { runs: PastRun[]; unreadable: UnreadableRun[] } {
  const read = readerOf(directory)
  const all = journalNames(directory)
  const found = all.slice(-Math.min(most, all.length)).flatMap((name) => read(name) ?? [])
  return {
    // Names tell only the second.
    runs: found.flatMap((each) => ('why' in each ? [] : [each])).sort((a, b) => a.at - b.at),
    unreadable: found.flatMap((each) => ('why' in each ? [each] : [])),
  }
}

/**
 * The run to resume: the one that is named, or the last one that did not end well and that no later run has repeated.
 * `run(playbook, { ...past.request, resume: past })` goes on from it.
 *
 * Throws a RolecallError when there is no such run, it is still running, or nothing is left of it.
 *
 * @param run its id as `rolecall runs` shows it; default the last one with something left
 * @param directory default `.rolecall/runs`
 *
 * @example
 * const past = pastRun()
 * for await (const event of run(site, { ...past.request, resume: past })) console.log(event)
 */
export function pastRun(run?: string, directory = JOURNALS): PastRun {
  const found = run === undefined ? lastUnfinished(pastRuns(directory)) : readerOf(directory)(run)
  if (found !== undefined && 'why' in found)
    throw new RolecallError({
      code: 'usage',
      message: `run ${run ?? ''} cannot be gone on from: its journal ${found.why}`,
      place: { file: found.file },
      expected: 'a journal that Rolecall wrote',
      hint: 'rolecall runs lists those that can be read',
    })
  if (found === undefined)
    throw new RolecallError(run === undefined ? nothingLeft(directory) : noSuchRun(run, directory))
  if (found.end === 'running') {
    const { user, machine, pid } = found.by
    throw new RolecallError({
      code: 'usage',
      message: `run ${found.run} is still running`,
      got: `process ${pid} of ${user} on ${machine}`,
      hint: 'wait until it has ended, or end it with Ctrl-C there',
    })
  }
  if (found.request.command !== undefined)
    throw new RolecallError({
      code: 'usage',
      message: `run ${found.run} was no playbook, and cannot be resumed`,
      hint: `do it again where it is to be done: rolecall ${found.request.command}`,
    })
  if (found.request.plan !== undefined)
    throw new RolecallError({
      code: 'usage',
      message: `run ${found.run} applied a saved plan, and a plan applies once`,
      hint: `plan what is left: rolecall check ${found.request.playbook} --out FILE`,
    })
  if (found.left === 0) {
    throw new RolecallError({
      code: 'usage',
      message: `nothing is left of run ${found.run}: all its ${found.units} units were finished`,
      hint: `rolecall ${found.request.mode} ${found.request.playbook} runs the same again`,
    })
  }
  return found
}

/**
 * A run by its id, by the end of an id that no other run has, or the last one.
 *
 * Throws a RolecallError when there is none, or its journal cannot be read.
 */
export function runFrom(run?: string, directory = JOURNALS): PastRun {
  const names = journalNames(directory)
  const matching =
    run === undefined ? names.slice(-1) : names.includes(run) ? [run] : names.filter((name) => name.endsWith(run))
  const [name] = matching
  const found = name === undefined || matching.length > 1 ? undefined : readerOf(directory)(name)
  if (found === undefined) throw new RolecallError(run === undefined ? noRun(directory) : noSuchRun(run, directory))
  if (!('why' in found)) return found
  throw new RolecallError({
    code: 'usage',
    message: `run ${name ?? ''} cannot be shown: its journal ${found.why}`,
    place: { file: found.file },
    expected: 'a journal that Rolecall wrote',
    hint: 'rolecall runs lists those that can be read',
  })
}

/** The part of a past run that lists of runs need. */
export type RunFacts = Pick<PastRun, 'run' | 'at' | 'by' | 'request' | 'end' | 'units' | 'left' | 'resumes'>

/** Whether a run has work left that `rolecall resume` can do. */
export function isResumable({ left, end, request }: RunFacts): boolean {
  return left > 0 && end !== 'running' && request.command === undefined && request.plan === undefined
}

/** The last of these runs that did not end well, and that no later run has repeated. */
export function lastUnfinished<Run extends RunFacts>(runs: readonly Run[]): Run | undefined {
  const resumed = new Set<string>()
  const repeated = new Set<string>()
  for (const past of [...runs].reverse()) {
    const request = requestKey(past)
    if (past.end !== 'done' && isResumable(past) && !resumed.has(past.run) && !repeated.has(request)) return past
    if (past.resumes !== undefined) resumed.add(past.resumes)
    repeated.add(request)
  }
  return undefined
}

/** Whether two runs were asked to do the same. */
export function isSameRequest(one: RunFacts, other: RunFacts): boolean {
  return requestKey(one) === requestKey(other)
}

/** Runs that were asked to do the same have the same key. */
export function requestKey({ request }: Pick<PastRun, 'request'>): string {
  return JSON.stringify(asked(request))
}

function asked({
  mode,
  playbook,
  inventory,
  limit,
  roles,
  tags,
  skipTags,
  startAt,
  extra,
  withheld,
  command,
}: RunRequest): unknown {
  return [mode, playbook, inventory, limit, roles, tags, skipTags, startAt, extra, withheld, command]
}

export function journalNames(directory: string): string[] {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith('.jsonl'))
    return names.map((name) => name.slice(0, -'.jsonl'.length)).sort()
  } catch {
    return []
  }
}

/** Reads journals of a directory by the names of their runs, each once. A journal whose first line is torn counts as absent. */
export function readerOf(directory: string): (run: string) => PastRun | UnreadableRun | undefined {
  const known = new Map<string, PastRun | UnreadableRun | undefined>()
  let depth = 0
  const read = (run: string): PastRun | UnreadableRun | undefined => {
    if (known.has(run) || depth > LONGEST_CHAIN || !isRunId(run)) return known.get(run)
    // A run that resumes itself resumes nothing.
    known.set(run, undefined)
    const file = join(directory, `${run}.jsonl`)
    depth++
    const past = readPast(file, (earlier) => {
      const found = read(earlier)
      return found === undefined || 'why' in found ? undefined : found
    })
    depth--
    const result = typeof past === 'string' ? { file, why: past } : past
    known.set(run, result)
    return result
  }
  return read
}

/** The run, the reason why its journal cannot be read, or nothing where there is none. */
function readPast(file: string, earlier: (run: string) => PastRun | undefined): PastRun | string | undefined {
  let text: string
  try {
    const stat = statSync(file)
    if (!stat.isFile()) return stat.isDirectory() ? 'is a directory' : 'is no file'
    if (stat.size > MOST_BYTES) return `has more than ${MOST_BYTES} bytes`
    // `resume` runs what a journal names, so, as with code, only trusted accounts may have written it.
    const weakness = codeWeakness(file, join(dirname(dirname(resolve(file))), '..', 'journals'))
    if (weakness !== undefined) return `can have been written by somebody else: ${weakness.path} ${weakness.why}`
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    return code === 'ENOENT' ? undefined : `cannot be read${code === '' ? '' : ` (${code})`}`
  }
  return pastIn(text, earlier)
}

/** Reads a journal that may end anywhere. Undefined when its first line is not whole, or belongs to no journal. */
export function pastOf(text: string, earlier: (run: string) => PastRun | undefined): PastRun | undefined {
  const past = pastIn(text, earlier)
  return typeof past === 'string' ? undefined : past
}

function pastIn(text: string, earlier: (run: string) => PastRun | undefined): PastRun | string | undefined {
  const journal = readJournal(text)
  if (journal === 'torn') return undefined
  if (journal === 'foreign') return 'does not begin as one of this version of Rolecall'
  return pastOfEvents(journal.opening, journal.events, earlier)
}

/** The run that a header and the events after it tell of. */
export function pastOfEvents(
  opening: RunHeader,
  events: readonly JournalEvent[],
  earlier: (run: string) => PastRun | undefined,
): PastRun {
  const begun = events.find((event) => event.type === 'run')
  const summary = events.findLast((event) => event.type === 'summary')
  const { resumes } = opening
  const before = resumes === undefined ? undefined : earlier(resumes)
  const finished = finishedIn(events, before?.finished ?? new Set())
  // Without its `run` event the run never began; everything that was left of the run before it is still left.
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

function finishedIn(events: readonly JournalEvent[], before: ReadonlySet<string>): Set<string> {
  const finished = new Set(before)
  const begunKey = unitKeys()
  const endedKey = unitKeys()
  for (const event of events) {
    // A unit that began again is unfinished until it ends.
    if (event.type === 'unit') finished.delete(begunKey(event))
    if (event.type !== 'unit-end') continue
    const key = endedKey(event)
    if (event.end === 'done') finished.add(key)
  }
  return finished
}

function endOf({ by }: RunHeader, events: readonly JournalEvent[], summary: SummaryEvent | undefined): RunEnd {
  if (summary !== undefined) {
    if (events.some((event) => event.type === 'unit-end' && event.end === 'cancelled')) return 'interrupted'
    return summary.ok ? 'done' : 'failed'
  }
  return endWithoutSummary(by)
}

/**
 * How a run ended whose journal has no summary. Whether a process on another machine that shares this directory still runs cannot be known
 * here.
 */
export function endWithoutSummary(by: Runner): 'running' | 'crashed' {
  return by.machine === hostname() && isProcessAlive(by.pid, by.start) ? 'running' : 'crashed'
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

function noRun(directory: string) {
  return {
    code: 'usage' as const,
    message: 'there has been no run here yet',
    place: { file: directory },
    hint: 'rolecall check PLAYBOOK is a run that changes nothing',
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
