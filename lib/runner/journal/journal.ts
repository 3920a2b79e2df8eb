import { randomInt } from 'node:crypto'
import { closeSync, fdatasync, fsyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { makeDirectory } from '../../machine/make-directory.ts'
import { withPath } from '../../machine/write-whole.ts'
import type { RunEvent } from '../../events.ts'
import type { Runner, RunRequest } from './request.ts'
import type { SourceState } from './source-state.ts'
import { StepOutput } from './step-output.ts'

/** The first line of a journal: the request, its author, and the state of the files then. */
export interface RunHeader {
  readonly type: 'request'
  /** The version of the journal's form. A reader that does not know it leaves the journal alone. */
  readonly version: 1
  readonly run: string
  readonly at: number
  readonly by: Runner
  readonly request: RunRequest
  /** SHA-256 of the playbook with all its imports, when known, and of the inventory. */
  readonly digests: { readonly playbook?: string; readonly inventory: string }
  /** The run that this one resumes. */
  readonly resumes?: string
  /** The version of Rolecall. */
  readonly program?: string
  /** The job of continuous integration. */
  readonly ci?: string
}

/** A line of a journal that is no event: the state of the project in git, which is asked while the run goes on. */
export interface SourceLine extends SourceState {
  readonly type: 'source'
}

/**
 * Where a run records its events: one file for each run, one JSON value a line, the first an `Opening`, the others events.
 *
 * Its promises:
 * - The opening is on the disk, file and directory, before any host is touched: a run that did anything can be named.
 * - The end of a unit or of the run is handed to the system before `write` returns, so it survives this process; it is on the disk a moment later.
 * When the machine itself dies in that moment, a finished unit counts as unfinished, which costs a question.
 * - Other events are collected for at most 50 ms, in order.
 * - The last 64 KiB of the output of each step are kept, when the step is over.
 * - Lines are only appended. Everything before a torn line is whole.
 */
export interface Journal {
  write(event: RunEvent | SourceLine): void
  close(): void
}

const GATHER_MS = 50

/**
 * A name that sorts by time, to the millisecond, and that no two runs share: `20260131-120107-0a7xq` began 10 ms (`0a` in base 36) after 12:01:07
 * UTC. The names tell which run was the last one.
 */
export function newRunId(now = new Date()): string {
  const second = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
  return `${second}-${inLetters(now.getUTCMilliseconds(), 2)}${inLetters(randomInt(36 ** 3), 3)}`
}

function inLetters(number: number, length: number): string {
  return number.toString(36).padStart(length, '0')
}

/**
 * Begins the journal of a run. Diffs are kept only on request: files may hold secrets that nobody declared. `onBroken` is called, once, when the
 * journal can no longer be written.
 */
export function openJournal(
  directory: string,
  opening: RunHeader,
  keep: { readonly diffs: boolean },
  onBroken: (error: unknown) => void = () => undefined,
): Journal {
  makeDirectory(directory, 0o700)
  // Never an existing file: the file system refuses a second run with this name.
  const path = join(directory, `${opening.run}.jsonl`)
  const file = openSync(path, 'ax', 0o600)
  let gathered = lineOf(opening)
  const output = new StepOutput()
  let timer: NodeJS.Timeout | undefined
  let isSyncing = false
  let isClosed = false
  let isBroken = false
  let isOpening = true
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    const bytes = Buffer.from(gathered)
    gathered = ''
    if (isBroken) return
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
    } catch (error) {
      isBroken = true
      if (isOpening) throw withPath(error, path)
      // Hosts are being changed, so the run goes on. A line may be torn, which readers expect.
      onBroken(error)
    }
  }
  const finish = () => {
    if (isClosed && !isSyncing) closeSync(file)
  }
  const sync = () => {
    if (isSyncing) return
    isSyncing = true
    fdatasync(file, () => {
      isSyncing = false
      finish()
    })
  }
  flush()
  isOpening = false
  fsyncSync(file)
  syncDirectory(directory)
  return {
    write(event) {
      if (event.type === 'output') return output.add(event)
      if (event.type === 'source') gathered += lineOf(event)
      else gathered += [...output.over(event), keep.diffs ? event : withoutDiff(event)].map(lineOf).join('')
      if (event.type === 'unit-end' || event.type === 'summary' || event.type === 'run') {
        flush()
        sync()
      } else timer ??= setTimeout(flush, GATHER_MS)
    },
    close() {
      gathered += output.rest().map(lineOf).join('')
      flush()
      isClosed = true
      finish()
    },
  }
}

function withoutDiff(event: RunEvent): RunEvent {
  if (event.type !== 'resource' || event.diff === undefined) return event
  return Object.fromEntries(Object.entries(event).filter(([key]) => key !== 'diff')) as unknown as RunEvent
}

function lineOf(value: RunHeader | RunEvent | SourceLine): string {
  return `${JSON.stringify(value)}\n`
}

/** A new file survives a crash only when its directory is on the disk as well. */
function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r')
  try {
    fsyncSync(handle)
  } catch {
    // Some file systems have no fsync of a directory.
  } finally {
    closeSync(handle)
  }
}
