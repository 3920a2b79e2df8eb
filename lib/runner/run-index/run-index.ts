import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { shown } from '../../gate/gate.ts'
import type { RunEnd } from '../../events.ts'
import { eventsIn } from '../journal/journal-events.ts'
import { valueOf } from '../journal/journal-text.ts'
import { endWithoutSummary, readerOf, type PastRun, type RunFacts, type UnreadableRun } from '../journal/past-run.ts'
import { journalNames } from '../journal/journal-directory.ts'
import {
  addMoment,
  appendEntries,
  entryOf,
  entryText,
  stampOf,
  type JournalStamp,
  type Moment,
  type MomentsByHost,
  type RunEntry,
} from './entry.ts'
import { readIndexFile, replaceIndexFile } from './index-file.ts'

/** A run as a list shows it. */
export interface ListedRun extends RunEntry {
  readonly end: RunEnd
}

interface ListedRuns {
  /** The oldest first. */
  readonly runs: readonly ListedRun[]
  readonly unreadable: readonly UnreadableRun[]
}

/**
 * All runs with a journal in a directory, by their index. Journals without an entry are read and get one. Journals are authoritative: an entry is
 * valid only while its journal is the same file, of the same size, and unchanged.
 */
export function listRuns(directory: string): ListedRuns {
  const { entries, read, unreadable } = lookUp(directory, journalNames(directory), undefined)
  const runs = [...entries.map(listedEntry), ...read]
  return { runs: runs.sort((a, b) => a.at - b.at), unreadable }
}

/** The same for one run. */
export function listedRun(past: PastRun): ListedRun & RunFacts {
  return { ...entryOf(past), end: past.end }
}

interface HostMoments {
  readonly run: string
  readonly moments: readonly Moment[]
}

/** What applies did on a host, the earliest run first. `isWanted` selects runs by id; `onUnreadable` gets the journals that cannot be read. */
export function momentsOn(
  host: string,
  directory: string,
  isWanted: (run: string) => boolean,
  onUnreadable: (run: UnreadableRun) => void = () => undefined,
): HostMoments[] {
  const names = journalNames(directory).filter(isWanted)
  const { moments, unreadable } = lookUp(directory, names, host)
  unreadable.forEach(onUnreadable)
  return names.flatMap((run) => {
    const found = moments.get(run)
    return found === undefined ? [] : [{ run, moments: shown(found) }]
  })
}

/** Removes the entries of runs that are gone. */
export function tidyIndex(directory: string): void {
  const index = readIndexFile(directory)
  if (!index.isOurs || index.runs.size + index.replaced === 0) return
  const names = new Set(journalNames(directory))
  const kept = [...index.runs.values()].filter(({ file }) => names.has(file))
  replaceIndexFile(directory, index.textOf(new Set(kept.map(({ entry }) => entry))))
}

interface Found {
  /** Runs with a valid entry. None if the moments of a host were asked for. */
  readonly entries: readonly RunEntry[]
  /** Runs whose journal had to be read. */
  readonly read: readonly ListedRun[]
  readonly unreadable: readonly UnreadableRun[]
  /** Moments of the requested host, by run. */
  readonly moments: ReadonlyMap<string, readonly Moment[]>
}

/** The index is rewritten only if it has more replaced lines than this. */
const MOST_REPLACED = 200

function lookUp(directory: string, names: readonly string[], host: string | undefined): Found {
  const index = readIndexFile(directory)
  const stamps = new Map<string, JournalStamp | undefined>()
  const stamp = (run: string) => {
    if (!stamps.has(run)) stamps.set(run, stampOf(directory, run))
    return stamps.get(run)
  }
  const held = new Map<string, boolean>()
  const holds = (run: string): boolean => {
    const known = held.get(run)
    if (known !== undefined) return known
    // A run that resumes itself has no valid entry.
    held.set(run, false)
    const line = index.runs.get(run)
    // Most runs resume no other, so the rest of their line is not parsed.
    const resumes = line?.before === undefined ? undefined : line.about()?.resumes
    const isSame =
      line !== undefined &&
      isSameStamp(line.journal, stamp(run)) &&
      (line.before === undefined ||
        (resumes !== undefined && isSameStamp(line.before, stamp(resumes)) && holds(resumes)))
    held.set(run, isSame)
    return isSame
  }
  const byEntry = host === undefined ? undefined : index.momentsOf(host)
  const entries: RunEntry[] = []
  const missing: string[] = []
  const moments = new Map<string, readonly Moment[]>()
  for (const name of names) {
    const line = holds(name) ? index.runs.get(name) : undefined
    if (host === undefined) {
      const about = line?.about()
      if (about === undefined) missing.push(name)
      else entries.push(about)
      continue
    }
    const isTold = line?.tellsOf(host) ?? false
    const told = isTold && line !== undefined ? byEntry?.(line.entry)?.moments : undefined
    if (line === undefined || (isTold && told === undefined)) missing.push(name)
    if (told !== undefined) moments.set(name, told)
  }
  const fresh = readMissing(directory, missing, stamp)
  for (const [run, byHost] of fresh.moments) {
    const found = host === undefined ? undefined : byHost.get(host)
    if (found !== undefined) moments.set(run, found)
  }
  if (index.isOurs) {
    if (index.replaced > MOST_REPLACED && index.replaced > index.runs.size) {
      const last = new Set([...index.runs.values()].map(({ entry }) => entry))
      replaceIndexFile(directory, index.textOf(last))
    }
    if (fresh.text !== '') appendEntries(directory, fresh.text)
  }
  return { entries, read: fresh.listed, unreadable: fresh.unreadable, moments }
}

function isSameStamp(one: JournalStamp | undefined, other: JournalStamp | undefined): boolean {
  if (one === undefined || other === undefined) return false
  return one.size === other.size && one.ino === other.ino && one.ctimeMs === other.ctimeMs
}

interface Fresh {
  readonly listed: ListedRun[]
  readonly unreadable: UnreadableRun[]
  readonly moments: Map<string, MomentsByHost>
  /** Makes entries for the index. A run that may still be running gets none. */
  readonly text: string
}

function readMissing(
  directory: string,
  names: readonly string[],
  stamp: (run: string) => JournalStamp | undefined,
): Fresh {
  const read = readerOf(directory)
  const listed: ListedRun[] = []
  const unreadable: UnreadableRun[] = []
  const moments = new Map<string, MomentsByHost>()
  const texts: string[] = []
  for (const name of names) {
    // Taken before the read, so that lines appended meanwhile make the entry invalid.
    const journal = stamp(name)
    const past = read(name)
    if (past === undefined) continue
    if ('why' in past) {
      unreadable.push(past)
      continue
    }
    if (journal === undefined) continue
    listed.push(listedRun(past))
    const those = past.request.mode === 'apply' ? momentsIn(directory, name) : new Map<string, Moment[]>()
    moments.set(name, those)
    const before = past.resumes === undefined ? undefined : stamp(past.resumes)
    const isWhole = past.end !== 'running' && (past.resumes === undefined || before !== undefined)
    if (isWhole) texts.push(entryText(entryOf(past), those, { file: name, journal, before }))
  }
  return { listed, unreadable, moments, text: texts.join('') }
}

/** Journals of versions before 0.2 call a change `change`. */
const TELLING = /"status":"(changed?|failed)"|"type":"unreachable"/

function momentsIn(directory: string, run: string): MomentsByHost {
  const lines = readFileSync(join(directory, `${run}.jsonl`), 'utf8').split('\n')
  const moments = new Map<string, Moment[]>()
  for (const event of eventsIn(lines.filter((line) => TELLING.test(line)).map(valueOf))) addMoment(moments, event)
  return moments
}

function listedEntry(about: RunEntry): ListedRun {
  return { ...about, end: about.ended?.end ?? endWithoutSummary(about.by) }
}
