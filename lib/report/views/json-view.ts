import type { Writable } from 'node:stream'
import type { RunView } from '../report.ts'

/** One event a line, for machines. What else is printed goes to `others`, so that the lines of `stream` stay JSON. */
export function jsonView(stream: Writable, others: Writable = process.stderr): RunView {
  return {
    tell: (event) => void stream.write(`${JSON.stringify(event)}\n`),
    say: (lines) => void others.write(lines.map((line) => `${line}\n`).join('')),
    end: () => undefined,
  }
}
