import { lstatSync, readFileSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { RunEnd, SummaryEvent } from '../../events.ts'
import { isProcessAlive } from './process-alive.ts'
import { codeWeakness } from '../../machine/trusted.ts'
import type { RunHeader } from './journal.ts'
import { isRunId, type JournalEvent } from './journal-schemas.ts'
import { readJournal } from './journal-text.ts'
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
  /** The number of its units, and of those that were finished, in it or in the run that it resumed. */
  readonly units: number
  readonly finished: ReadonlySet<string>
  /** Units still to do: failed, not reached, cancelled, or never begun. */
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

/** The largest journal that is read, in bytes: no real one comes near. */
const MOST_BYTES = 256 * 1024 * 1024

/** The longest chain of runs that resumed one another. */
const LONGEST_CHAIN = 200

/** The part of a past run that lists of runs need. */
export type RunFacts = Pick<PastRun, 'run' | 'at' | 'by' | 'request' | 'end' | 'units' | 'left' | 'resumes'>

/** Reads journals of a directory by run, each once. A journal whose first line is torn counts as absent. */
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
    // A copy under another name would count as a second run.
    const why = typeof past === 'object' && past.run !== run ? `is that of another run, ${past.run}` : past
    const result = typeof why === 'string' ? { file, why } : why
    known.set(run, result)
    return result
  }
  return read
}

/** The run, the reason why its journal cannot be read, or undefined if there is none. */
function readPast(file: string, earlier: (run: string) => PastRun | undefined): PastRun | string | undefined {
  let text: string
  try {
    const stat = statSync(file)
    if (!stat.isFile()) return stat.isDirectory() ? 'is a directory' : 'is not a file'
    if (stat.size > MOST_BYTES) return `has more than ${MOST_BYTES} bytes`
    // `resume` runs what a journal names, so, as with code, only trusted accounts may have written it.
    const weakness = codeWeakness(file, join(dirname(dirname(resolve(file))), '..', 'journals'))
    if (weakness !== undefined) return `can have been written by somebody else: ${weakness.path} ${weakness.why}`
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'ENOENT') return isLink(file) ? 'is a link to a file that is not there' : undefined
    return `cannot be read${code === '' ? '' : ` (${code})`}`
  }
  return pastIn(text, earlier)
}

function isLink(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined
}

/** Reads a journal that may end anywhere. Undefined if its first line is incomplete, or is not that of a journal. */
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

/** The run as its header and events describe it. */
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
  // Without a `run` event the run never began, and everything left of the run before it is still left.
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
 * How a run without a summary ended. Whether a process on another machine that shares this directory still runs cannot be known here.
 */
export function endWithoutSummary(by: Runner): 'running' | 'crashed' {
  return by.machine === hostname() && isProcessAlive(by.pid, by.start) ? 'running' : 'crashed'
}
