import type { RoleOnHost } from '../../converge/observer.ts'
import type { PlannedResource, PlannedUnit } from './plan-file.ts'

/** A difference from the state in which the plan was made. */
export interface Difference {
  readonly host: string
  readonly role: string
  /** `kind:name`; absent: the difference concerns the whole role. */
  readonly resource?: string
  /** The difference, without the names. */
  readonly what: string
  /** The present state was looked at: the difference is not only that nothing is known of it now. */
  readonly isSeen: boolean
  /** Nothing has changed as far as is known, but the role failed or the host was not reached. */
  readonly isFailure?: boolean
  /** What to do. Default: plan again. */
  readonly hint?: string
}

/**
 * Kinds whose answer contains a clock or the results of running programs: their steps are compared instead. The same goes for kinds that the project
 * defines, since the meaning of their answers is not known here.
 */
const COMPARED_BY_ANSWER: ReadonlySet<string> = new Set([
  'absent',
  'block',
  'dir',
  'file',
  'group',
  'hostname',
  'iniFile',
  'jsonFile',
  'line',
  'link',
  'sysctl',
  'user',
  'yamlFile',
])

/**
 * The differences between a plan and the same check now, host by host.
 *
 * @param isBegun whether an apply of the plan has begun and not come to its end: what it has done is no difference
 */
export function differences(
  planned: readonly PlannedResource[],
  now: readonly PlannedResource[],
  isBegun: boolean,
): Difference[] {
  const uncertain = isBegun ? uncertainResources(planned) : new Set<string>()
  const [before, after] = [grouped(planned), grouped(now)]
  const keys = [...new Set([...before.keys(), ...after.keys()])]
  return keys.flatMap((key) => {
    const [olds, news] = [before.get(key) ?? [], after.get(key) ?? []]
    const count = Math.max(olds.length, news.length)
    return Array.from({ length: count }, (_, at) => [olds[at], news[at]] as const).flatMap(([one, other]) => {
      const about = one ?? other
      const what = isBegun && isDone(one, other) ? undefined : difference(one, other, uncertain.has(key))
      if (about === undefined || what === undefined) return []
      const isSeen = other !== undefined && other.status !== 'skipped' && other.status !== 'failed'
      return [{ host: about.host, role: about.role, resource: about.resource, what, isSeen }]
    })
  })
}

/** Whether an earlier apply of the plan may have made the resource as wanted. */
function isDone(planned: PlannedResource | undefined, now: PlannedResource | undefined): boolean {
  return now === undefined && (planned?.status === 'changed' || planned?.status === 'unknown')
}

/**
 * @param isUncertain whether a change before the resource may already have been made: then its steps may have other scripts, and what was only predicted when the
 * plan was made may be otherwise
 */
function difference(
  planned: PlannedResource | undefined,
  now: PlannedResource | undefined,
  isUncertain: boolean,
): string | undefined {
  if (planned === undefined)
    return now === undefined || now.status === 'skipped' ? undefined : `is not in the plan, and ${wouldNow(now)}`
  if (now === undefined) {
    if (planned.status === 'skipped') return undefined
    return planned.status === 'changed' ? 'is as wanted already' : `was ${planned.status}, and is as wanted`
  }
  if (planned.status !== now.status) return `was ${STATUS[planned.status]}, and ${wouldNow(now)}`
  if (planned.status !== 'changed') return undefined
  if (words(planned) !== words(now)) return `the steps were: ${words(planned)}; they are: ${words(now)}`
  if (isUncertain && planned.isPredicted === true) return undefined
  if (planned.changes !== now.changes) return 'changed: what would change in it is otherwise'
  if (!isUncertain && planned.script !== now.script) return 'changed: the same steps would do something else'
  const [kind = ''] = planned.resource.split(':', 1)
  if (COMPARED_BY_ANSWER.has(kind) && planned.answer !== now.answer) return 'changed on the host'
  return undefined
}

const STATUS: Readonly<Record<PlannedResource['status'], string>> = {
  changed: 'to be changed',
  unknown: 'unknown',
  failed: 'failed',
  skipped: 'skipped',
}

function wouldNow(now: PlannedResource): string {
  switch (now.status) {
    case 'changed':
      return `would be changed now: ${words(now)}`
    case 'unknown':
      return 'is unknown now'
    case 'failed':
      return 'fails now'
    case 'skipped':
      return 'is skipped now'
  }
}

export function words({ steps }: Pick<PlannedResource, 'steps'>): string {
  return steps.join(', ')
}

export function resourceKey({ host, role }: RoleOnHost, resource: string): string {
  return JSON.stringify([host, role, resource])
}

/** The resources that come after a change: they may see other answers than the plan did, and take the same steps with other scripts. */
export function uncertainResources(planned: readonly PlannedResource[]): ReadonlySet<string> {
  const uncertain = new Set<string>()
  const changedHosts = new Set<string>()
  for (const each of planned) {
    if (each.isPredicted === true || changedHosts.has(each.host)) uncertain.add(resourceKey(each, each.resource))
    if (each.status === 'changed' || each.status === 'unknown') changedHosts.add(each.host)
  }
  return uncertain
}

function grouped(resources: readonly PlannedResource[]): Map<string, PlannedResource[]> {
  const groups = new Map<string, PlannedResource[]>()
  for (const each of resources) {
    const key = resourceKey(each, each.resource)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [each])
    else group.push(each)
  }
  return groups
}

/** Differences of the units: added or removed hosts and roles, other variables, another connection to a host. */
export function unitDifferences(planned: readonly PlannedUnit[], now: readonly PlannedUnit[]): Difference[] {
  const keyOf = ({ host, role, play }: PlannedUnit) => JSON.stringify([play, host, role])
  const [before, after] = [
    new Map(planned.map((unit) => [keyOf(unit), unit])),
    new Map(now.map((unit) => [keyOf(unit), unit])),
  ]
  const about = ({ host, role }: PlannedUnit, what: string): Difference => ({ host, role, what, isSeen: true })
  const gone = planned.filter((unit) => !after.has(keyOf(unit))).map((unit) => about(unit, 'is not run there any more'))
  const come = now.filter((unit) => !before.has(keyOf(unit))).map((unit) => about(unit, 'is run there as well'))
  const other = now.flatMap((unit) => {
    const old = before.get(keyOf(unit))
    if (old === undefined) return []
    return [
      ...(old.vars === unit.vars ? [] : [about(unit, 'has other variables')]),
      ...(old.connection === unit.connection ? [] : [about(unit, 'the host is reached in another way')]),
      ...(old.connection !== unit.connection || old.ssh === unit.ssh
        ? []
        : [about(unit, "ssh's configuration leads to another host, port, user or jump host")]),
    ]
  })
  const isSameOrder =
    planned.length === now.length && planned.every((unit, at) => keyOf(unit) === keyOf(now[at] ?? unit))
  const [first] = now
  const order =
    gone.length + come.length === 0 && !isSameOrder && first !== undefined
      ? [about(first, 'the order is another one')]
      : []
  return [...gone, ...come, ...other, ...order]
}
