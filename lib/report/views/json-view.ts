import type { Writable } from 'node:stream'
import type { Teller } from '../report.ts'

/** One event a line, for machines. */
export function jsonTeller(stream: Writable): Teller {
  return {
    tell: (event) => void stream.write(`${JSON.stringify(event)}\n`),
    end: () => undefined,
  }
}
