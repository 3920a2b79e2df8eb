import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { RunEvent } from '../events.ts'

/** Where a run writes down what happens, as JSON lines. */
export interface Journal {
  write(event: RunEvent): void
  close(): void
}

/** A name that sorts by time and that two runs of one second do not share. */
export function newRunId(now = new Date()): string {
  return `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}-${randomBytes(2).toString('hex')}`
}

/** Opens the journal of a run. Output of commands is not kept: it can be large, and it is not needed to go on from. */
export function openJournal(directory: string, run: string): Journal {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = openSync(join(directory, `${run}.jsonl`), 'ax', 0o600)
  return {
    write(event) {
      if (event.type !== 'output') writeSync(file, `${JSON.stringify(event)}\n`)
    },
    close: () => closeSync(file),
  }
}
