import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const made: string[] = []

/** A directory that is deleted when the process ends. */
export function scratch(): string {
  if (made.length === 0) process.once('exit', removeAll)
  const directory = mkdtempSync(join(tmpdir(), 'rolecall-test-'))
  made.push(directory)
  return directory
}

function removeAll(): void {
  for (const directory of made) rmSync(directory, { recursive: true, force: true })
}
