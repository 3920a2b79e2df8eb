import { gzipSync } from 'node:zlib'
import type { RunEvent } from '../../events.ts'

/** A text, compressed by gzip, in base64: no character of it can end an element or an attribute. */
export function packed(text: string): string {
  return gzipSync(text, { level: 9 }).toString('base64')
}

/**
 * Events in a compressed form. What is told of one resource on a hundred hosts stands together, because gzip finds only what is repeated within 32 KiB: the
 * diffs of a hundred hosts are then a third. The first line is a list of numbers: for each event after it, how much later it came than the one above.
 */
export function packedEvents(events: readonly RunEvent[]): string {
  const order = events
    .map((event, at) => ({ at, key: 'resource' in event ? `${event.type} ${event.resource}` : event.type }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.at - b.at))
    .map(({ at }) => at)
  const steps = order.map((at, nth) => at - (order[nth - 1] ?? 0))
  return packed([steps, ...order.map((at) => events[at])].map((line) => JSON.stringify(line)).join('\n'))
}
