import { gzipSync } from 'node:zlib'
import type { RunEvent } from '../../events.ts'

/** A text, compressed by gzip, in base64: no character of it can end an element or an attribute. */
export function packed(text: string): string {
  return gzipSync(text, { level: 9 }).toString('base64')
}

/**
 * Events in compressed form. They are sorted by resource, because gzip finds repetitions only within 32 KiB: the diffs of a hundred hosts then take a third of
 * the space. The first line is a list of numbers from which the order in time is restored: for each event, its position minus that of the event above it.
 */
export function packedEvents(events: readonly RunEvent[]): string {
  const order = events
    .map((event, at) => ({ at, key: 'resource' in event ? `${event.type} ${event.resource}` : event.type }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.at - b.at))
    .map(({ at }) => at)
  const steps = order.map((at, nth) => at - (order[nth - 1] ?? 0))
  return packed([steps, ...order.map((at) => events[at])].map((line) => JSON.stringify(line)).join('\n'))
}
