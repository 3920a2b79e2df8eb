import type { Writable } from 'node:stream'
import type { RunView } from '../report.ts'

/** One event per line, for machines. All other output goes to `others`, so that `stream` has only JSON. */
export function jsonView(stream: Writable, others: Writable = process.stderr): RunView {
  return {
    tell: (event) => void stream.write(`${JSON.stringify(event)}\n`),
    say: (lines) => void others.write(lines.map((line) => `${line}\n`).join('')),
    end: () => undefined,
  }
}
