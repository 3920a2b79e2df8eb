import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventsIn } from '../journal/journal-events.ts'
import { valueOf } from '../journal/journal-text.ts'
import { journalNames } from '../journal/journal-directory.ts'
import type { PlannedResource } from './plan-file.ts'

/** The cost of a plan, estimated from past runs. */
export interface PlanCost {
  readonly hosts: number
  readonly changes: number
  readonly unknowns: number
  /** Units that are restarted or stopped, each with its hosts. */
  readonly restarts: ReadonlyMap<string, readonly string[]>
  /** Seconds of the slowest host; hosts work at the same time. Undefined if no past run tells. */
  readonly seconds?: number
  /** Changes without a past run to estimate from. */
  readonly untold: number
  /** The number of past runs that were read. */
  readonly runs: number
}

/** The number of runs to read: durations from a year ago say little. */
const MOST_RUNS = 50

/** Estimates a plan from the durations of the same changes in past runs. */
export function costOf(resources: readonly PlannedResource[], journals: string): PlanCost {
  const changes = resources.filter(({ status }) => status === 'changed')
  const { times, runs } = changes.length === 0 ? { times: new Map<string, number[]>(), runs: 0 } : pastTimes(journals)
  const perHost = new Map<string, number>()
  let untold = 0
  for (const each of changes) {
    const ms = median(times.get(each.resource) ?? times.get(kindOf(each.resource)) ?? [])
    if (ms === undefined) untold++
    else perHost.set(each.host, (perHost.get(each.host) ?? 0) + ms)
  }
  const restarts = new Map<string, string[]>()
  for (const { resource, host, actions = [] } of changes) {
    if (!actions.includes('restart') && !actions.includes('stop')) continue
    restarts.set(resource, [...(restarts.get(resource) ?? []), host])
  }
  return {
    hosts: new Set(changes.map(({ host }) => host)).size,
    changes: changes.length,
    unknowns: resources.filter(({ status }) => status === 'unknown').length,
    restarts,
    ...(perHost.size === 0 ? {} : { seconds: Math.max(...perHost.values()) / 1000 }),
    untold,
    runs,
  }
}

function pastTimes(journals: string): { readonly times: Map<string, number[]>; readonly runs: number } {
  const times = new Map<string, number[]>()
  const names = journalNames(journals).slice(-MOST_RUNS)
  let runs = 0
  for (const name of names) {
    const text = textOf(join(journals, `${name}.jsonl`))
    if (!text.includes('"mode":"apply"')) continue
    runs++
    const lines = text
      .split('\n')
      .filter((line) => line.includes('"type":"resource"') && line.includes('"status":"change'))
    for (const event of eventsIn(lines.map(valueOf))) {
      if (event.type !== 'resource' || event.status !== 'changed') continue
      for (const key of [event.resource, kindOf(event.resource)]) {
        const known = times.get(key)
        if (known === undefined) times.set(key, [event.durationMs])
        else known.push(event.durationMs)
      }
    }
  }
  return { times, runs }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** `pkg:` of `pkg:nginx`; every resource has a name. */
function kindOf(resource: string): string {
  return `${resource.split(':', 1)[0] ?? ''}:`
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}
