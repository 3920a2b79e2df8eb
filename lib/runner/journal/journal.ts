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

/** A line of a journal that is not an event: the state of the project in git, which is asked while the run goes on. */
export interface SourceLine extends SourceState {
  readonly type: 'source'
}

/**
 * Where a run records its events: one file for each run, one JSON value a line, the first a `RunHeader`, the others events.
 *
 * Its promises:
 * - The header is on the disk, file and directory, before any host is touched: a run that did anything can be named.
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
  header: RunHeader,
  keep: { readonly diffs: boolean },
  onBroken: (error: unknown) => void = () => undefined,
): Journal {
  makeDirectory(directory, 0o700)
  // Never an existing file: the file system refuses a second run with this name.
  const path = join(directory, `${header.run}.jsonl`)
  const file = openSync(path, 'ax', 0o600)
  try {
    writeWhole(file, lineOf(header))
  } catch (error) {
    throw withPath(error, path)
  }
  fsyncSync(file)
  syncDirectory(directory)
  return new JournalFile(file, keep, onBroken)
}

class JournalFile implements Journal {
  readonly #file: number
  readonly #keep: { readonly diffs: boolean }
  readonly #onBroken: (error: unknown) => void
  readonly #output = new StepOutput()
  /** Lines that are not written yet. */
  #gathered = ''
  #timer: NodeJS.Timeout | undefined
  #isSyncing = false
  #isClosed = false
  #isBroken = false

  constructor(file: number, keep: { readonly diffs: boolean }, onBroken: (error: unknown) => void) {
    this.#file = file
    this.#keep = keep
    this.#onBroken = onBroken
  }

  write(event: RunEvent | SourceLine): void {
    if (event.type === 'output') return this.#output.add(event)
    if (event.type === 'source') this.#gathered += lineOf(event)
    else {
      const kept = this.#keep.diffs ? event : withoutDiff(event)
      this.#gathered += [...this.#output.over(event), kept].map(lineOf).join('')
    }
    if (event.type === 'unit-end' || event.type === 'summary' || event.type === 'run') {
      this.#flush()
      this.#sync()
    } else this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS)
  }

  close(): void {
    this.#gathered += this.#output.rest().map(lineOf).join('')
    this.#flush()
    this.#isClosed = true
    this.#closeFile()
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const lines = this.#gathered
    this.#gathered = ''
    if (this.#isBroken) return
    try {
      writeWhole(this.#file, lines)
    } catch (error) {
      // Hosts are being changed, so the run goes on. A line may be torn, which readers expect.
      this.#isBroken = true
      this.#onBroken(error)
    }
  }

  #sync(): void {
    if (this.#isSyncing) return
    this.#isSyncing = true
    fdatasync(this.#file, () => {
      this.#isSyncing = false
      this.#closeFile()
    })
  }

  /** Closes the file once the last sync has ended. */
  #closeFile(): void {
    if (this.#isClosed && !this.#isSyncing) closeSync(this.#file)
  }
}

function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
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
