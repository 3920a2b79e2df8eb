import { shownText } from '../gate/gate.ts'
import type { Note } from '../inventory/graph/notes.ts'

/** Prints notes on an inventory to standard error. */
export function printNotes(notes: readonly Note[]): void {
  for (const { message, place, hint } of notes) {
    const where =
      place === undefined
        ? ''
        : `${[place.file, place.line, place.column].filter((part) => part !== undefined).join(':')}  `
    process.stderr.write(
      `${shownText(`note: ${where}${message}${hint === undefined ? '' : `\n  hint      ${hint}`}`)}\n`,
    )
  }
}
