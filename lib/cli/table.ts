import { shownName } from '../gate/gate.ts'
import { print, printJson } from './print.ts'

/** Aligns rows in columns. The last column is not padded. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** Prints a list as JSON, or as a table with a heading. For an empty table, prints `empty` to standard error. */
export function printList(
  rows: readonly Readonly<Record<string, string | readonly string[]>>[],
  json: boolean,
  empty: string,
): void {
  if (json) {
    printJson(rows)
    return
  }
  const [first] = rows
  if (first === undefined) {
    process.stderr.write(`${empty}\n`)
    return
  }
  const keys = Object.keys(first)
  const cells = rows.map((row) => keys.map((key) => cellOf(row[key])))
  print(table([keys.map((key) => key.toUpperCase()), ...cells]))
}

function cellOf(value: string | readonly string[] | undefined): string {
  if (value === undefined) return ''
  return shownName(typeof value === 'string' ? value : value.join(','))
}
