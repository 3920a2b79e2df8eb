import { readdirSync } from 'node:fs'

/** The default directory of journals. */
export const JOURNALS = '.rolecall/runs'

export function journalNames(directory: string): string[] {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith('.jsonl'))
    return names.map((name) => name.slice(0, -'.jsonl'.length)).sort()
  } catch {
    return []
  }
}
