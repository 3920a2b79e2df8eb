import { isDeepStrictEqual } from 'node:util'
import { posix } from 'node:path'
import { ownsTree, pathsOf, Places } from './places.ts'
import type { Snapshot } from './snapshot.ts'
import { isMap, optionsOf, resourcesOf, type CallSpec, type Case, type ResourceSpec } from './spec.ts'

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
    bringsBack(spec) ||
    givesAway(all) ||
    spec.roles.some(({ calls }) => calls.some((call) => call.call === 'ensure' && follows(call.resources))) ||
    looks.some((path) =>
      all.some((each) => each.places.some((place) => isWithin(place, path) || isWithin(path, place))),
    )
  )
}

/**
 * Whether two resources want something else of one directory that is mounted at another place as well. Of one that was mounted before they may not even
 * want the same: nobody asks a host for that.
 */
export function contradictsByMount(spec: Case): boolean {
  const mounts = spec.roles.map((role) => ({
    calls: role.calls.flatMap((call): CallSpec[] =>
      call.call === 'ensure' ? [{ ...call, resources: call.resources.filter(({ make }) => make === 'mount') }] : [],
    ),
  }))
  const others = (places: Places) => placed(spec, places).filter(({ resource }) => resource.make !== 'mount')
  const before = others(new Places({ ...spec, roles: [] }))
  const pending = others(new Places({ ...spec, roles: mounts }))
  const isSame = (one: ResourceSpec, other: ResourceSpec) =>
    one.make === other.make && isDeepStrictEqual(one.args.slice(1), other.args.slice(1))
  return clashes(before) || clashes(pending, isSame)
}

function placed(spec: Case, places: Places): Placed[] {
  const all = resourcesOf(spec)
  // What is mounted once hides what was there before, and not what comes later.
  const isAgain = (resource: ResourceSpec, at: number) =>
    resource.make === 'mount' && all.slice(0, at).some((before) => isDeepStrictEqual(before, resource))
  const first = all.filter((resource, at) => !isAgain(resource, at))
  return first.map((resource) => ({
    resource,
    names: pathsOf(resource).map((path) => posix.normalize(path)),
    places: [...pathsOf(resource), ...purgedBy(resource)].flatMap((path) => [...standsAt(resource, path, places)]),
  }))
}

/** A package that is to go comes along with another one, which recommends it. */
function bringsBack(spec: Case): boolean {
  const all = resourcesOf(spec).filter(({ make }) => make === 'pkg')
  const names = ({ args: [name] }: ResourceSpec) => [name].flat()
  const isGone = (name: string) =>
    all.some((each) => optionsOf(each)['state'] === 'absent' && names(each).includes(name))
  return all.some(
    (each) => optionsOf(each)['recommends'] === true && names(each).includes('trial-rec') && isGone('trial-virtual'),
  )
}

/** What docker does in a directory it does as root. One that is given to somebody else afterwards is refused from then on. */
function givesAway(all: readonly Placed[]): boolean {
  const isGiven = (resource: ResourceSpec) => {
    const { owner = 'root', mode = '0755' } = optionsOf(resource)
    return owner !== 'root' || (typeof mode === 'string' && /[2367]$/.test(mode))
  }
  const isAbove = (one: Placed, other: Placed) =>
    one.places.some((path) => other.places.some((place) => isWithin(place, path)))
  return all.some(
    (one, at) =>
      one.resource.make === 'dockerCompose' &&
      all.slice(at + 1).some((later) => isGiven(later.resource) && isAbove(later, one)),
  )
}

/** Configuration that goes with a package. */
function purgedBy({ make, args }: ResourceSpec): string[] {
  const [name, options] = args
  const isPurged = make === 'pkg' && isMap(options) && options['state'] === 'absent' && options['purge'] === true
  return isPurged && typeof name === 'string' ? [`/etc/${name}.conf`] : []
}

function clashes(
  all: readonly Placed[],
  isSame: (one: ResourceSpec, other: ResourceSpec) => boolean = () => false,
): boolean {
  const clash = (one: Placed, other: Placed) =>
    meets(one, other) && !isDeepStrictEqual(one.names, other.names) && !isSame(one.resource, other.resource)
  return all.some((one, index) => all.slice(index + 1).some((other) => clash(one, other)))
}

/** Most kinds do not follow a link in their own place, only those on the way to that. */
function standsAt({ make }: ResourceSpec, path: string, places: Places): readonly string[] {
  if (['dir', 'exec'].includes(make)) return [...places.of(path)]
  return [...places.of(posix.dirname(path))].map((dir) => posix.join(dir, posix.basename(path)))
}

/** A service that restarts or reloads after a path that is not there counts that by what is above it: whatever is put there later is a change. */
function follows(resources: readonly ResourceSpec[]): boolean {
  return resources.some((service, at) => {
    const { restartedAfter = [], reloadedAfter = [] } = optionsOf(service)
    const above = [restartedAfter, reloadedAfter]
      .flat()
      .flatMap((path) => (typeof path === 'string' ? [posix.dirname(path), posix.dirname(posix.dirname(path))] : []))
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

/** `other` comes later. */
function meets(one: Placed, other: Placed): boolean {
  const both = [...new Set(one.places)].filter((path) => other.places.includes(path))
  const within = (tree: Placed, each: Placed) =>
    (ownsTree(tree.resource) || ['file', 'absent'].includes(tree.resource.make)) &&
    tree.places.some((path) => each.places.some((place) => isWithin(place, path)))
  return both.length > 0 || (one.resource.make !== 'mount' && within(one, other)) || within(other, one)
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
