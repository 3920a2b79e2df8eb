import { shown, shownText } from '../gate/gate.ts'

/** Lines on standard output. All that commands print goes through here, but for what a run itself tells. */
export function print(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${shownText(line)}\n`).join(''))
}

/** Data as one line of JSON; sorted: in the order of the keys, with lines and indentation. */
export function printJson(data: unknown, { isSorted = false }: { readonly isSorted?: boolean } = {}): void {
  const all = shown(data)
  process.stdout.write(`${isSorted ? JSON.stringify(sorted(all), null, 4) : JSON.stringify(all)}\n`)
}

function sorted(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(sorted)
  if (typeof data !== 'object' || data === null) return data
  const entries = Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, value]) => [key, sorted(value)]))
}
