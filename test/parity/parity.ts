import type { ResourceEvent, Status } from '../../lib/index.ts'
import type { Ran } from '../support/lab.ts'

/** How check and apply compare, as counts that can be summed. */
export interface Parity {
  readonly resources: number
  readonly predicted: number
  readonly done: number
  /** Changes that were both predicted and done. */
  readonly both: number
  /** `host role resource: why`. */
  readonly unknown: readonly string[]
  /** `host role resource: predicted, then done`, for everything that did not come as foretold. */
  readonly surprises: readonly string[]
}

type Verdict = Pick<ResourceEvent, 'status' | 'reason'>
export type Verdicts = ReadonlyMap<string, Verdict>

/** What a run said of each resource. One that a role asks for twice is told twice. */
export function verdictsOf({ resources }: Pick<Ran, 'resources'>): Verdicts {
  const verdicts = new Map<string, Verdict>()
  for (const event of resources) {
    const { host, role, resource } = event
    const name = `${host} ${role} ${resource}`
    const times = [...verdicts.keys()].filter((key) => key === name || key.startsWith(`${name} #`)).length
    verdicts.set(times === 0 ? name : `${name} #${times + 1}`, event)
  }
  return verdicts
}

/** Compares what check said with what apply did. What check called unknown is counted, and is no surprise. */
export function compare(check: Verdicts, apply: Verdicts): Parity {
  const names = [...new Set([...check.keys(), ...apply.keys()])].sort()
  const said = (of: Verdicts, name: string): Status | 'nothing' => of.get(name)?.status ?? 'nothing'
  // The rest of a role that check cannot see ahead of is told as one unknown thing.
  const isBeyond = (name: string) => {
    const [host, role] = name.split(' ')
    return !check.has(name) && check.has(`${host ?? ''} ${role ?? ''} role:${role ?? ''}`)
  }
  const known = names.filter((name) => said(check, name) !== 'unknown' && !isBeyond(name))
  const predicted = known.filter((name) => said(check, name) === 'changed')
  return {
    resources: names.length,
    predicted: predicted.length,
    done: known.filter((name) => said(apply, name) === 'changed').length,
    both: predicted.filter((name) => said(apply, name) === 'changed').length,
    unknown: [...check].flatMap(([name, { status, reason = '' }]) =>
      status === 'unknown' ? [`${name}: ${reason}`] : [],
    ),
    surprises: known
      .filter((name) => said(check, name) !== said(apply, name))
      .map((name) => `${name}: check said ${said(check, name)}, apply did ${said(apply, name)}`),
  }
}

export const none: Parity = { resources: 0, predicted: 0, done: 0, both: 0, unknown: [], surprises: [] }

export function sum(a: Parity, b: Parity): Parity {
  return {
    resources: a.resources + b.resources,
    predicted: a.predicted + b.predicted,
    done: a.done + b.done,
    both: a.both + b.both,
    unknown: [...a.unknown, ...b.unknown],
    surprises: [...a.surprises, ...b.surprises],
  }
}

/** A share in per cent; of nothing, all of it. */
export function percent(part: number, of: number): string {
  return `${of === 0 ? '100' : ((100 * part) / of).toFixed(1).replace(/\.0$/, '')} %`
}

/** A line of the table that the run ends with. */
export function row(name: string, parity: Parity, changedByCheck: number): string {
  const { resources, predicted, done, both, unknown } = parity
  const cells = [
    resources,
    predicted,
    percent(both, predicted),
    percent(both, done),
    percent(unknown.length, resources),
  ]
  return `| ${[name, ...cells, changedByCheck].join(' | ')} |`
}

export const HEAD = `| hosts | resources | changes predicted | precision | recall | unknown | changed by check |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |`
