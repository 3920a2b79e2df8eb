import { readdirSync } from 'node:fs'

/** The default directory of journals. */
export const JOURNALS = '.rolecall/runs'

/** The ending of a journal's name. */
export const ENDING = '.jsonl'

/** The names of the runs with a journal in a directory; none if there is no directory. Throws the system's error if it cannot be read. */
export function journalNames(directory: string): string[] {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith(ENDING))
    return names.map((name) => name.slice(0, -ENDING.length)).sort()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
