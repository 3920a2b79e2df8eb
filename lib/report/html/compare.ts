import type { RunEvent } from '../../events.ts'
import { hostsText } from '../fold.ts'
import { counted, duration } from '../text/words.ts'

/** Describes what is different from the previous run. */
export function differences(now: readonly RunEvent[], before: readonly RunEvent[]): string[] {
  const [a, b] = [sumsOf(before), sumsOf(now)]
  const gone = [...a.failed].filter((key) => !b.failed.has(key))
  const fresh = [...b.failed].filter((key) => !a.failed.has(key))
  const newHosts = [...b.hosts].filter((host) => !a.hosts.has(host))
  const lostHosts = [...a.hosts].filter((host) => !b.hosts.has(host))
  return [
    ...(a.durationMs === undefined || b.durationMs === undefined
      ? []
      : [`It took ${duration(b.durationMs)}; the previous run took ${duration(a.durationMs)}.`]),
    `${counted(b.changes.size, 'change')}; before: ${a.changes.size}. ${counted([...b.changes].filter((key) => a.changes.has(key)).length, 'change was', 'changes were')} in both.`,
    ...(fresh.length > 0 ? [`New failures: ${fresh.join('; ')}.`] : []),
    ...(gone.length > 0 ? [`No longer failing: ${gone.join('; ')}.`] : []),
    ...(newHosts.length > 0 ? [`New: ${hostsText(newHosts)}.`] : []),
    ...(lostHosts.length > 0 ? [`No longer part of the run: ${hostsText(lostHosts)}.`] : []),
  ]
}

function sumsOf(events: readonly RunEvent[]) {
  const hosts = new Set<string>()
  const changes = new Set<string>()
  const failed = new Set<string>()
  let durationMs: number | undefined
  for (const event of events) {
    if (event.type === 'run') event.hosts.forEach((host) => hosts.add(host))
    if (event.type === 'summary') durationMs = event.durationMs
    if (event.type === 'unreachable') failed.add(`${event.host} (not reached)`)
    if (event.type === 'unit-end' && event.end === 'failed') failed.add(`${event.role} on ${event.host}`)
    if (event.type === 'resource' && event.status === 'changed') changes.add(`${event.host}\n${event.resource}`)
  }
  return { hosts, changes, failed, durationMs }
}
