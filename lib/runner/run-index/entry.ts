import { randomBytes } from 'node:crypto'
import { closeSync, constants, openSync, statSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { CaughtFailure, HostSummary, RunEvent } from '../../events.ts'
import type { RunHeader } from '../journal/journal.ts'
import { pastOfEvents, type PastRun } from '../journal/past-run.ts'

/** Identifies the journal that an entry was made from: any change of the file changes one of these. */
export interface JournalStamp {
  readonly size: number
  readonly ino: number
  readonly ctimeMs: number
}

/** The data of a run that lists show. A run without `ended` has crashed or is still running. */
export interface RunEntry {
  readonly run: string
  readonly at: number
  readonly by: PastRun['by']
  readonly request: PastRun['request']
  readonly resumes?: string
  readonly hosts: number
  readonly units: number
  readonly left: number
  readonly ended?: RunEnding
}

export interface RunEnding {
  readonly end: 'done' | 'failed' | 'interrupted'
  readonly durationMs: number
  readonly changed: number
  readonly failed: number
  /** Resources that an interruption stopped; they do not count as failed. */
  readonly stopped: number
  readonly unreachable: number
}

/** Something that an apply changed on a host, that failed there (`caught`: the role handled the failure), or that kept the host from being reached. */
export type Moment =
  | {
      readonly what: 'changed' | 'failed' | 'caught' | 'stopped'
      readonly at: number
      readonly role: string
      readonly resource: string
      readonly steps: readonly string[]
      readonly reason?: string
    }
  | { readonly what: 'unreachable'; readonly at: number; readonly message: string }

export type MomentsByHost = ReadonlyMap<string, readonly Moment[]>

/** The first line of an entry is written after its moments, so an entry that was cut off before it does not count. */
export interface RunLine {
  readonly type: 'run'
  readonly version: 1
  readonly entry: string
  /** The journal's name, without its ending. */
  readonly file: string
  readonly journal: JournalStamp
  /** The journal of the run that this one resumed, since what is left depends on that one as well. */
  readonly before?: JournalStamp
  readonly about: RunEntry
  /** Hosts with a line of moments. */
  readonly moments: readonly string[]
}

export interface MomentsLine {
  readonly type: 'moments'
  readonly entry: string
  readonly host: string
  readonly moments: readonly Moment[]
}

/** The index is beside the directory of journals. */
export function indexPath(directory: string): string {
  return `${resolve(directory)}.index`
}

export function stampOf(directory: string, run: string): JournalStamp | undefined {
  const stat = statSync(join(directory, `${run}.jsonl`), { throwIfNoEntry: false })
  return stat && { size: stat.size, ino: stat.ino, ctimeMs: stat.ctimeMs }
}

/** The data of a run for lists. */
export function entryOf(past: PastRun): RunEntry {
  const { run, at, by, request, resumes, hosts, units, left, end, summary } = past
  const counts = Object.values<HostSummary>(summary?.hosts ?? {})
  return {
    run,
    at,
    by,
    request,
    ...(resumes === undefined ? {} : { resumes }),
    hosts: hosts.length,
    units,
    left,
    ...(summary === undefined || end === 'running' || end === 'crashed'
      ? {}
      : {
          ended: {
            end,
            durationMs: summary.durationMs,
            changed: counts.reduce((sum, host) => sum + host.changed, 0),
            failed: counts.reduce((sum, host) => sum + host.failed - (host.interrupted ?? 0), 0),
            stopped: counts.reduce((sum, host) => sum + (host.interrupted ?? 0), 0),
            unreachable: counts.filter((host) => host.unreachable).length,
          },
        }),
  }
}

/** Adds an event to a host's history. */
export function addMoment(moments: Map<string, Moment[]>, event: RunEvent): void {
  if (event.type === 'unit-end') for (const each of event.caught ?? []) markCaught(moments.get(each.host) ?? [], each)
  const moment = momentOf(event)
  if (moment === undefined || !('host' in event)) return
  const known = moments.get(event.host)
  if (known === undefined) moments.set(event.host, [moment])
  else known.push(moment)
}

function markCaught(moments: Moment[], { resource }: CaughtFailure): void {
  const at = moments.findLastIndex((moment) => moment.what === 'failed' && moment.resource === resource)
  const moment = moments[at]
  if (moment?.what === 'failed') moments[at] = { ...moment, what: 'caught' }
}

function momentOf(event: RunEvent): Moment | undefined {
  if (event.type === 'unreachable') return { what: 'unreachable', at: event.at, message: event.problem.message }
  if (event.type !== 'resource' || (event.status !== 'changed' && event.status !== 'failed')) return undefined
  const { at, role, resource, steps, status, reason, interrupted = false } = event
  return {
    what: interrupted ? 'stopped' : status,
    at,
    role,
    resource,
    steps,
    ...(reason === undefined ? {} : { reason }),
  }
}

/** The lines of an entry, as they are appended. */
export function entryText(
  about: RunEntry,
  moments: MomentsByHost,
  { file, journal, before }: Pick<RunLine, 'file' | 'journal'> & { readonly before?: JournalStamp | undefined },
): string {
  const entry = randomBytes(8).toString('hex')
  const lines: (MomentsLine | RunLine)[] = [...moments].map(([host, those]) => ({
    type: 'moments',
    entry,
    host,
    moments: those,
  }))
  const stamps = { journal, ...(before === undefined ? {} : { before }) }
  lines.push({ type: 'run', version: 1, entry, file, ...stamps, about, moments: [...moments.keys()] })
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

/** Appends entries. If the index cannot be written, runs go on without it: everything in it is in the journals. */
export function appendEntries(directory: string, text: string): void {
  try {
    const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants
    const file = openSync(indexPath(directory), O_APPEND | O_CREAT | O_NOFOLLOW | O_WRONLY, 0o600)
    try {
      // The line before may be torn.
      writeSync(file, `\n${text}`)
    } finally {
      closeSync(file)
    }
  } catch {
    return
  }
}

/** Collects the entry of a run during the run, so that its journal need not be read for it. */
export class EntryCollector {
  readonly #header: RunHeader
  readonly #events: EndEvent[] = []
  readonly #moments = new Map<string, Moment[]>()

  constructor(header: RunHeader) {
    this.#header = header
  }

  take(event: RunEvent): void {
    if (isEndEvent(event)) this.#events.push(event)
    else if (this.#header.request.mode !== 'apply') return
    addMoment(this.#moments, event)
  }

  /** Appends the entry to the index. What is left of a run that resumes another is worked out when first asked for. */
  append(directory: string): void {
    const { run, resumes } = this.#header
    if (resumes !== undefined) return
    const journal = stampOf(directory, run)
    const past = pastOfEvents(this.#header, this.#events, () => undefined)
    if (journal === undefined || past.summary === undefined) return
    appendEntries(directory, entryText(entryOf(past), this.#moments, { file: run, journal }))
  }
}

type EndEvent = Extract<RunEvent, { readonly type: 'run' | 'unit' | 'unit-end' | 'summary' }>

function isEndEvent(event: RunEvent): event is EndEvent {
  return event.type === 'run' || event.type === 'unit' || event.type === 'unit-end' || event.type === 'summary'
}
