import { isDeepStrictEqual } from 'node:util'
import { posix } from 'node:path'
import { ownsTree, pathsOf, Places } from './places.ts'
import type { Snapshot } from './snapshot.ts'
import { optionsOf, resourcesOf, type CallSpec, type Case, type ResourceSpec } from './spec.ts'

/**
 * Whether a case can have no last apply: two resources want something else of one place, which has two names; or the role reads
 * what it changes itself. Names alone never meet so: the grammar sees to that.
 */
export function contradicts(spec: Case, ...snapshots: readonly Snapshot[]): boolean {
  const places = new Places(spec, ...snapshots)
  const all = placed(spec, places)
  const clash = clashes(all)
  const looks = spec.roles.flatMap(({ calls }) => calls.flatMap(looksOf)).flatMap((path) => [...places.of(path)])
  return (
    clash ||
    spec.roles.some(({ calls }) => calls.some((call) => call.call === 'ensure' && follows(call.resources))) ||
    looks.some((path) =>
      all.some((each) => each.places.some((place) => isWithin(place, path) || isWithin(path, place))),
    )
  )
}

/** Whether two resources want something else of one directory that is mounted at another place as well: nobody asks a host for that. */
export function contradictsByMount(spec: Case): boolean {
  return clashes(placed(spec, new Places({ ...spec, roles: [] })))
}

function placed(spec: Case, places: Places): Placed[] {
  return resourcesOf(spec).map((resource) => ({
    resource,
    names: pathsOf(resource).map((path) => posix.normalize(path)),
    places: pathsOf(resource).flatMap((path) => [...standsAt(resource, path, places)]),
  }))
}

function clashes(all: readonly Placed[]): boolean {
  return all.some((one, index) =>
    all.slice(index + 1).some((other) => meets(one, other) && !isDeepStrictEqual(one.names, other.names)),
  )
}

/** Most kinds do not follow a link in their own place, only those on the way to that. */
function standsAt({ make }: ResourceSpec, path: string, places: Places): readonly string[] {
  if (['dir', 'exec'].includes(make)) return [...places.of(path)]
  return [...places.of(posix.dirname(path))].map((dir) => posix.join(dir, posix.basename(path)))
}

/** A service that restarts after a path that is not there counts that by what is above it: whatever is put there later is a change. */
function follows(resources: readonly ResourceSpec[]): boolean {
  return resources.some((service, at) => {
    const { restartedAfter } = optionsOf(service)
    if (!Array.isArray(restartedAfter)) return false
    const above = (restartedAfter as readonly unknown[]).flatMap((path) =>
      typeof path === 'string' ? [posix.dirname(path), posix.dirname(posix.dirname(path))] : [],
    )
    const isChanged = (each: ResourceSpec) =>
      (each.make === 'service' && above.includes(UNITS)) ||
      pathsOf(each).some((path) => above.includes(posix.dirname(path)))
    return resources.slice(at).some(isChanged)
  })
}

/** Enabling a unit makes directories there. */
const UNITS = '/etc/systemd/system'

interface Placed {
  readonly resource: ResourceSpec
  readonly names: readonly string[]
  readonly places: readonly string[]
}

function meets(one: Placed, other: Placed): boolean {
  const both = [...new Set(one.places)].filter((path) => other.places.includes(path))
  const within = (tree: Placed, each: Placed) =>
    (ownsTree(tree.resource) || ['file', 'absent'].includes(tree.resource.make)) &&
    tree.places.some((path) => each.places.some((place) => isWithin(place, path)))
  return both.length > 0 || within(one, other) || within(other, one)
}

function isWithin(path: string, tree: string): boolean {
  return path === tree || path.startsWith(`${tree}/`)
}

/** Paths that a role decides by. */
function looksOf(call: CallSpec): string[] {
  switch (call.call) {
    case 'exists':
      return [call.path, ...call.then.flatMap(looksOf)]
    case 'read':
      return [call.path]
    case 'look':
      return [...call.command.matchAll(/(?<= )(\/\S*|'\/[^']*')/g)].map(([path]) => path.replaceAll("'", ''))
    case 'ensure':
    case 'command':
      return []
  }
}
