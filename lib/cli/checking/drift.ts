import type { ResourceEvent, RunEvent } from '../../events.ts'
import { oneLine } from '../../report/text/words.ts'
import { stepsText } from '../../report/changes.ts'

/** An earlier check, by the name of its run. */
export interface PastCheck {
  readonly run: string
  readonly at: number
  readonly events: readonly RunEvent[]
}

/** A difference from the playbook, and since when it exists. */
export interface Drift {
  readonly host: string
  readonly role: string
  readonly resource: string
  readonly status: 'changed' | 'unknown' | 'failed'
  readonly what: string
  /** The first of the consecutive checks that found the difference: milliseconds since the epoch. */
  readonly since: number
  /** Its run. */
  readonly run: string
  /** The number of consecutive checks that found the difference, including this one. */
  readonly checks: number
}

/** Differences that the previous check found and this one does not. */
export interface Settled {
  readonly host: string
  readonly resource: string
}

/** The differences on hosts, since when they exist, and the resolved ones. Checks are in the order of time; the last one is the present one. */
export function driftIn(checks: readonly PastCheck[]): { readonly drift: Drift[]; readonly settled: Settled[] } {
  const found = checks.map(({ events }) => new Map(events.flatMap(differing).map((event) => [keyOf(event), event])))
  const looked = checks.map(({ events }) => new Set(events.flatMap(lookedAt)))
  const [now, before] = [found.at(-1), found.at(-2)]
  if (now === undefined) return { drift: [], settled: [] }
  const drift = [...now].map(([key, event]): Drift => {
    let since = checks.length - 1
    let count = 1
    for (let at = checks.length - 2; at >= 0; at--) {
      if (found[at]?.has(key) !== true) {
        // A check that did not reach the host, or whose role ended before this resource, tells nothing about it.
        if (hasLooked(looked[at], event)) break
        continue
      }
      since = at
      count++
    }
    const { host, role, resource, status } = event
    const what = status === 'changed' ? stepsText(event) : (event.reason ?? status)
    const first = checks[since]
    return {
      host,
      role,
      resource,
      status,
      what: oneLine(what),
      since: first?.at ?? event.at,
      run: first?.run ?? '',
      checks: count,
    }
  })
  const settled = [...(before ?? [])].flatMap(([key, event]) =>
    now.has(key) || !hasLooked(looked.at(-1), event) ? [] : [{ host: event.host, resource: event.resource }],
  )
  return { drift, settled }
}

function differing(event: RunEvent): (ResourceEvent & { readonly status: Drift['status'] })[] {
  if (event.type !== 'resource') return []
  const { status } = event
  return status === 'changed' || status === 'unknown' || status === 'failed' ? [{ ...event, status }] : []
}

/** What a check tells about: resources that are as wanted, and roles that came to their end. */
function lookedAt(event: RunEvent): string[] {
  if (event.type === 'unit-end') return event.end === 'done' ? [roleKey(event)] : []
  return event.type === 'resource' && event.status === 'ok' ? [keyOf(event)] : []
}

function hasLooked(looked: ReadonlySet<string> | undefined, event: ResourceEvent): boolean {
  return looked !== undefined && (looked.has(keyOf(event)) || looked.has(roleKey(event)))
}

function roleKey({ host, role }: { readonly host: string; readonly role: string }): string {
  return JSON.stringify([host, role])
}

function keyOf({ host, role, resource }: ResourceEvent): string {
  return JSON.stringify([host, role, resource])
}
