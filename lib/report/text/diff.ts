import type { Paint } from './paint.ts'
import { neutral } from '../../gate/neutral.ts'

/** The lines of a unified diff, coloured by their kind. */
export function diffLines(diff: string, paint: Paint): string[] {
  return neutral(diff)
    .trimEnd()
    .split('\n')
    .map((line) => brush(line, paint)(line))
}

function brush(line: string, paint: Paint): (text: string) => string {
  if (line.startsWith('+++') || line.startsWith('---')) return paint.strong
  if (line.startsWith('@@')) return paint.hunk
  if (line.startsWith('+')) return paint.added
  if (line.startsWith('-')) return paint.removed
  return paint.dim
}
