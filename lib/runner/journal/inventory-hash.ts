import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { locate } from '../../inventory/locate.ts'

/** SHA-256 of every file that an inventory is read from, so that a later run can say whether one has changed. */
export function inventoryDigest(path: string): string {
  const { hostsFile, directory } = locate(path)
  const files = [hostsFile, ...['group_vars', 'host_vars'].flatMap((name) => filesIn(join(directory, name)))]
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${file}\0`).update(contentOf(file)).update('\0')
  return hash.digest('hex')
}

function filesIn(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
  } catch {
    return []
  }
}

function contentOf(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch {
    return new Uint8Array()
  }
}
