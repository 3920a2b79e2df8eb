import { shownText } from '../gate/gate.ts'
import type { Note } from '../inventory/graph/notes.ts'

/** Tells what a person should know of an inventory, on standard error. */
export function printNotes(notes: readonly Note[]): void {
  for (const { message, place, hint } of notes) {
    const where =
      place === undefined
        ? ''
        : `${[place.file, place.line, place.column].filter((part) => part !== undefined).join(':')} `
    process.stderr.write(`${shownText(`note: ${where}${message}${hint === undefined ? '' : `\n  ${hint}`}`)}\n`)
  }
}
