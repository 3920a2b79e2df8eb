import { readdirSync } from 'node:fs'

/** The default directory of journals. */
export const JOURNALS = '.rolecall/runs'

/** The ending of a journal's name. */
export const ENDING = '.jsonl'

export function journalNames(directory: string): string[] {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith(ENDING))
    return names.map((name) => name.slice(0, -ENDING.length)).sort()
  } catch {
    return []
  }
}
