import { shown, shownText } from '../gate/gate.ts'
import { shownJson } from '../gate/shown-json.ts'

/** Lines on standard output. All that commands print goes through here, but for what a run itself tells. */
export function print(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${shownText(line)}\n`).join(''))
}

/** Data as one line of JSON. */
export function printJson(data: unknown): void {
  process.stdout.write(`${JSON.stringify(shown(data))}\n`)
}

/** What users wrote, such as variables, whole and in the order of its keys. */
export function printSortedJson(data: unknown): void {
  process.stdout.write(`${shownJson(data)}\n`)
}
