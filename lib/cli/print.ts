import { shown, shownText } from '../gate/gate.ts'
import { shownJson } from '../gate/shown-json.ts'

/** Prints lines to standard output. Commands print everything through this file, except the report of a run. */
export function print(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${shownText(line)}\n`).join(''))
}

/** Prints data as one line of JSON. */
export function printJson(data: unknown): void {
  process.stdout.write(`${JSON.stringify(shown(data))}\n`)
}

/** Prints users' data, such as variables, in full and with sorted keys. */
export function printSortedJson(data: unknown): void {
  process.stdout.write(`${shownJson(data)}\n`)
}
