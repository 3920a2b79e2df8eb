import { posix } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Place } from '../errors.ts'
import type { Effect } from '../resources/prediction/effect.ts'
import type { Whole } from '../resources/kit/declarations.ts'
import type { Resource } from '../resources/kit/kind.ts'
import type { PlaceOf } from './contradictions/contradictions.ts'
import { missing } from './contradictions/missing-part.ts'
import { movedPackage, movedWords, type ResourceChange } from './contradictions/moved-packages.ts'

/** The number of `ensure` calls in a run that changed something, on all hosts. */
export class CallsThatChanged {
  count = 0
}

/**
 * What the `ensure` calls of a run have done on one host, whatever role they belong to. A later call that undoes some of it is reported, because two
 * resources that undo each other do so in every apply. Two such resources in one call are refused by `contradictions`.
 *
 * A state may be undone on purpose, such as a balancer that is drained before a release and filled after it. So nothing is reported if another call
 * has changed something in between, on any host. Resources that undo each other in every apply are reported once nothing else changes any more.
 */
export class EarlierChanges {
  readonly #changes: (ResourceChange & { readonly turn: number })[] = []
  readonly #told = new Set<string>()
  readonly #calls: CallsThatChanged

  constructor(calls = new CallsThatChanged()) {
    this.#calls = calls
  }

  /** Records all resources of a call, with the changes that were made. */
  add(changes: readonly ResourceChange[], isChanged: boolean): void {
    if (isChanged) this.#calls.count++
    const turn = this.#calls.count
    this.#changes.push(...changes.map((change) => ({ ...change, turn })))
  }

  /** What these changes undo, each as a sentence. `placeOf` follows the links of the host. Each pair is reported once. */
  undoneBy(changes: readonly ResourceChange[], placeOf: PlaceOf): string[] {
    return changes.flatMap((change) =>
      this.#changes.flatMap(({ resource: earlier, effects, turn }) => {
        if (turn !== this.#calls.count) return []
        const why = undoes(change, { resource: earlier, effects }, placeOf)
        const pair = `${where(change.resource)} ${where(earlier)}`
        if (why === undefined || this.#told.has(pair)) return []
        this.#told.add(pair)
        return [
          `${where(change.resource)} undoes ${where(earlier)}: ${why}. Each apply does both again: make one resource of the two, or take one away`,
        ]
      }),
    )
  }
}

/** Why a change contradicts what another resource wants; undefined if both are possible. */
function undoes(change: ResourceChange, before: ResourceChange, placeOf: PlaceOf): string | undefined {
  const { resource: later, effects } = change
  const { resource: earlier } = before
  return (
    movesPackage(change, before) ??
    writesOtherwise(effects, earlier, placeOf) ??
    (later.whole && earlier.whole && otherwise(later.whole, earlier.whole, placeOf)) ??
    lacksPart(later, earlier, placeOf) ??
    otherAttributes(effects, earlier, placeOf) ??
    otherKey(later, earlier, placeOf) ??
    comesAndGoes(later, earlier)
  )
}

/** A package that one of them changes, while the other wants it unchanged. */
function movesPackage(change: ResourceChange, before: ResourceChange): string | undefined {
  const now = movedPackage(change, before.resource)
  if (now !== undefined) return movedWords(change.resource, now)
  const then = movedPackage(before, change.resource)
  return then && movedWords(before.resource, then)
}

/** The changed file will lack the part that the other resource wants in it. */
function writesOtherwise(effects: readonly Effect[], { part, whole }: Resource, placeOf: PlaceOf): string | undefined {
  const path = part?.path ?? (whole?.type === 'file' ? whole.path : undefined)
  if (path === undefined) return undefined
  const written = effects.findLast((effect) => effect.type === 'path' && placeOf(effect.path) === placeOf(path))
  if (written?.type !== 'path' || written.state.type !== 'file' || written.state.content === undefined) return undefined
  const { content } = written.state
  const isKept =
    part === undefined
      ? whole?.type === 'file' && Buffer.from(content).equals(Buffer.from(whole.content))
      : part.isIn(content)
  return isKept ? undefined : `it leaves another content in ${path}`
}

function otherwise(later: Whole, earlier: Whole, placeOf: PlaceOf): string | undefined {
  const [at, before] = [placeOf(later.path), placeOf(earlier.path)]
  if (later.type === 'absent' && before.startsWith(`${at}/`)) return `it removes what ${posix.dirname(before)} is in`
  if (earlier.type === 'absent' && later.type !== 'absent' && at.startsWith(`${before}/`))
    return `it stands in ${before}, which is to be nothing at all`
  if (at !== before) return undefined
  // A directory may be reached through a link.
  if (later.type === 'dir' && earlier.type === 'link') return undefined
  if (later.type !== earlier.type) return `${at} is to be ${nature(earlier)}, and ${nature(later)}`
  if (later.type === 'link' && earlier.type === 'link' && later.to !== earlier.to)
    return `${at} is to lead to ${earlier.to}, and to ${later.to}`
  if (later.type !== 'file' || earlier.type !== 'file') return undefined
  if (!Buffer.from(later.content).equals(Buffer.from(earlier.content))) return `${at} is to have two contents`
  return undefined
}

function nature({ type }: Whole): string {
  switch (type) {
    case 'absent':
      return 'nothing at all'
    case 'file':
      return 'a file'
    case 'dir':
      return 'a directory'
    case 'link':
      return 'a symbolic link'
  }
}

/** Two different modes, owners or groups for one path. */
function otherAttributes(effects: readonly Effect[], earlier: Resource, placeOf: PlaceOf): string | undefined {
  for (const [thing, wanted, path] of earlier.declarations()) {
    if (thing !== 'path' || path === undefined || !isPathWant(wanted)) continue
    const written = effects.findLast((effect) => effect.type === 'path' && placeOf(effect.path) === placeOf(path))
    if (written?.type !== 'path' || (written.state.type !== 'file' && written.state.type !== 'dir')) continue
    for (const name of ['mode', 'owner', 'group'] as const) {
      const [before, now] = [wanted.want[name], written.state[name]]
      if (typeof before === 'string' && now !== undefined && isOther(name, before, now))
        return `the ${name} of ${path} is to be ${before}, and ${now}`
    }
  }
  return undefined
}

function isPathWant(wanted: unknown): wanted is { readonly want: Readonly<Record<string, unknown>> } {
  return typeof wanted === 'object' && wanted !== null && 'want' in wanted && typeof wanted.want === 'object'
}

/** A number and a name may be the same account. */
function isOther(name: 'mode' | 'owner' | 'group', one: string, other: string): boolean {
  if (name === 'mode') return Number.parseInt(one, 8) !== Number.parseInt(other, 8)
  const isNumber = (account: string) => /^\d+$/.test(account)
  return one !== other && isNumber(one) === isNumber(other)
}

/** A part of a file, and the whole file without that part, in either order. */
function lacksPart(later: Resource, earlier: Resource, placeOf: PlaceOf): string | undefined {
  const part = later.part ?? earlier.part
  const whole = later.part === undefined ? later.whole : earlier.whole
  if (part === undefined || whole === undefined || placeOf(part.path) !== placeOf(whole.path)) return undefined
  if (missing(part, whole) === undefined) return undefined
  return later.part === undefined ? 'its content is to be otherwise' : 'that is to have another content'
}

/** One wants a thing to exist, the other wants it absent. */
function comesAndGoes(later: Resource, earlier: Resource): string | undefined {
  if (later.id !== earlier.id || isAbsent(later.want) === isAbsent(earlier.want)) return undefined
  return `${later.id} is to be there, and absent`
}

function isAbsent(want: unknown): boolean {
  return typeof want === 'object' && want !== null && 'state' in want && want.state === 'absent'
}

/** Two values for one key of one file. */
function otherKey(later: Resource, earlier: Resource, placeOf: PlaceOf): string | undefined {
  const keys = (resource: Resource) =>
    resource
      .declarations()
      .flatMap(([thing, wanted, path]) =>
        path === undefined || thing === 'path' ? [] : [{ thing: `${thing} ${placeOf(path)}`, wanted }],
      )
  const before = new Map(keys(earlier).map(({ thing, wanted }) => [thing, wanted]))
  const other = keys(later).find(
    ({ thing, wanted }) => before.has(thing) && !isDeepStrictEqual(before.get(thing), wanted),
  )
  return other === undefined ? undefined : `two values for ${other.thing}`
}

/** `file:/etc/app.conf at roles/app.ts:7:5` */
function where({ id, madeAt }: Resource): string {
  const place: Place | undefined = madeAt.place
  return place === undefined ? id : `${id} at ${[place.file, place.line ?? 1, place.column ?? 1].join(':')}`
}
