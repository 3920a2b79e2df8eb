import { posix } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Place, Problem } from '../../errors.ts'
import { accessConflicts } from './access-conflicts.ts'
import { contentsConflicts } from './contents-conflicts.ts'
import { missing } from './missing-part.ts'
import { managesPackages, movedPackage, movedWords, movesPackages, type ResourceChange } from './moved-packages.ts'
import { undoneParts } from './undone-parts.ts'
import type { Declaration } from '../../resources/kit/declarations.ts'
import type { Resource } from '../../resources/kit/kind.ts'

/** Resolves the links of a path. */
export type PlaceOf = (path: string) => string

/**
 * Contradictions between resources of one `ensure`: each would undo the other in every run. `placeOf` follows the links of the host. Before the host
 * is asked, only links that are resources themselves are followed.
 */
export function contradictions(resources: readonly Resource[], placeOf = linksOfResources(resources)): Problem[] {
  const first = new Map<string, { readonly resource: Resource; readonly declaration: Declaration }>()
  const problems: Problem[] = []
  for (const resource of resources) {
    for (const declaration of resource.declarations()) {
      const [what, wanted, path] = declaration
      const thing = path === undefined ? what : `${what} ${placeOf(path)}`
      const before = first.get(thing)
      if (before === undefined) first.set(thing, { resource, declaration })
      else if (!isDeepStrictEqual(before.declaration[1], wanted)) {
        problems.push(contradiction(resource, before.resource, `${thing} is asked for twice, and not the same of it`))
        break
      }
    }
  }
  const placesOf = placesByResource(placeOf)
  return [
    ...problems,
    ...missingParts(resources, placeOf),
    ...insideRemoved(resources, placeOf, placesOf),
    ...[...accessConflicts(resources, placeOf), ...contentsConflicts(resources, placeOf, placesOf)].map(
      ({ resource, other, message }) => contradiction(resource, other, message),
    ),
    ...tooEarly(resources, placeOf),
  ]
}

/** A resource acts after changes of a path, and a later resource changes this path: the first would have to act again. */
function tooEarly(resources: readonly Resource[], placeOf: PlaceOf): Problem[] {
  return resources.flatMap((resource, index) => {
    const { follows = [] } = resource
    if (follows.length === 0) return []
    const followed = new Set(follows.map(placeOf))
    const before = new Set(resources.slice(0, index).map(({ id }) => id))
    // Putting something into a directory changes the directory.
    const late = resources
      .slice(index + 1)
      .find(
        ({ id, paths }) =>
          !before.has(id) && paths.map(placeOf).some((path) => followed.has(path) || followed.has(posix.dirname(path))),
      )
    if (late === undefined) return []
    const { place } = resource.madeAt
    return [
      {
        code: 'playbook' as const,
        resource: resource.id,
        message: `${resource.id} acts after changes of ${late.id}, which comes after it`,
        ...(place === undefined ? {} : { place }),
        expected: `${late.id}${at(late.madeAt.place)} before it`,
        got: `${late.id} after it`,
        hint: `put ${resource.id} after ${late.id}`,
      },
    ]
  })
}

/** One resource sets a part of a file, and another writes the same file without this part. */
function missingParts(resources: readonly Resource[], placeOf: PlaceOf): Problem[] {
  const wholes = new Map(
    resources.flatMap((resource) => {
      const { whole } = resource
      return whole === undefined ? [] : [[placeOf(whole.path), { resource, whole }] as const]
    }),
  )
  if (wholes.size === 0) return []
  return resources.flatMap((resource) => {
    const { part } = resource
    const found = part && wholes.get(placeOf(part.path))
    if (part === undefined || found === undefined) return []
    const why = missing(part, found.whole)
    return why === undefined
      ? []
      : [contradiction(resource, found.resource, `${resource.id} is to be in ${found.resource.id}, ${why}`)]
  })
}

/** One resource puts something at a path, and another removes a directory above it. */
function insideRemoved(resources: readonly Resource[], placeOf: PlaceOf, placesOf: PlacesOf): Problem[] {
  const gone = resources.filter(({ whole }) => whole?.type === 'absent')
  if (gone.length === 0) return []
  const there = resources.filter(({ whole, part }) => whole?.type !== 'absent' && part?.isIn(undefined) !== true)
  return gone.flatMap((absent) => {
    const path = absent.whole && placeOf(absent.whole.path)
    const inside = there.find((one) => placesOf(one).some((place) => place.startsWith(`${path ?? ''}/`)))
    return inside === undefined ? [] : [contradiction(inside, absent, `${inside.id} is in what ${absent.id} removes`)]
  })
}

/** The paths of a resource, with links resolved. */
type PlacesOf = (resource: Resource) => readonly string[]

/** Each resource is asked once, however many others are compared with it. */
function placesByResource(placeOf: PlaceOf): PlacesOf {
  const known = new Map<Resource, readonly string[]>()
  return (resource) => {
    const places = known.get(resource) ?? placesOf(resource, placeOf)
    known.set(resource, places)
    return places
  }
}

function placesOf(resource: Resource, placeOf: PlaceOf): string[] {
  const declared = resource.declarations().map(([, , path]) => path)
  return [...declared, resource.part?.path].flatMap((path) => (path === undefined ? [] : [placeOf(path)]))
}

/**
 * A resource replaces a link, under another name of that link, through which an earlier resource leads: from then on the earlier one would manage
 * something else. `links` has the paths that the host reaches through links, with the real paths.
 */
export function replacedLinks(
  changes: readonly { readonly resource: Resource; readonly replaced: readonly string[] }[],
  links: ReadonlyMap<string, string>,
): Problem[] {
  return changes.flatMap(({ resource, replaced }, index) => {
    const places = replaced.map((path) => [path, behind(path, links)] as const)
    for (const [path, place] of places) {
      if (path === place || !links.has(place)) continue
      const leads = changes
        .slice(0, index)
        .find((earlier) => earlier.resource.paths.some((one) => one === place || one.startsWith(`${place}/`)))
      if (leads === undefined || leads.resource.id === resource.id) continue
      const message = `${resource.id} takes the place of the link ${place}, through which ${leads.resource.id} leads`
      return [contradiction(resource, leads.resource, message)]
    }
    return []
  })
}

/** A package that one resource installs or removes as a dependency, while another resource wants the opposite. */
export function movedPackages(changes: readonly ResourceChange[]): Problem[] {
  const managers = changes.flatMap(({ resource }) => (managesPackages(resource) ? [resource] : []))
  return changes.filter(movesPackages).flatMap((change) =>
    managers.flatMap((other) => {
      const moved = movedPackage(change, other)
      if (moved === undefined) return []
      const words = movedWords(change.resource, moved)
      return [contradiction(change.resource, other, `${words}, of which ${other.id} wants the opposite`)]
    }),
  )
}

/** A part of a file that one resource adds and a later one removes. */
export function partsTakenOut(changes: readonly ResourceChange[], placeOf: PlaceOf): Problem[] {
  return undoneParts(changes, placeOf).map(({ resource, path, later }) =>
    contradiction(
      resource,
      later,
      `${resource.id} is to be in ${path}, and ${later.id}, which comes later, takes it out`,
    ),
  )
}

/** The path with the links above it resolved. */
function behind(path: string, links: ReadonlyMap<string, string>): string {
  const dir = above(path).findLast((each) => links.has(each))
  const real = dir === undefined ? undefined : links.get(dir)
  return dir === undefined || real === undefined ? path : posix.normalize(`${real}/${path.slice(dir.length)}`)
}

/** Follows the links among these resources, if their targets are known. */
function linksOfResources(resources: readonly Resource[]): PlaceOf {
  const links = new Map(
    resources.flatMap(({ whole }) =>
      whole?.type === 'link' ? [[whole.path, posix.resolve(posix.dirname(whole.path), whole.to)] as const] : [],
    ),
  )
  if (links.size === 0) return (path) => path
  return (path) => {
    let place = path
    // Links may form a circle.
    for (let tries = 0; tries < 40; tries++) {
      const dir = above(place).find((each) => links.has(each))
      const to = dir === undefined ? undefined : links.get(dir)
      if (dir === undefined || to === undefined) break
      place = posix.normalize(`${to}/${place.slice(dir.length)}`)
    }
    return place
  }
}

/** The directories above a path, the uppermost first. */
function above(path: string): string[] {
  const parent = posix.dirname(path)
  return parent === path ? [] : [...above(parent), parent]
}

function contradiction(resource: Resource, other: Resource, message: string): Problem {
  const { place } = resource.madeAt
  return {
    code: 'playbook',
    resource: resource.id,
    message,
    ...(place === undefined ? {} : { place }),
    expected: `the same as ${other.id}${at(other.madeAt.place)}, or only one of them`,
    got: resource.id === other.id ? `another ${resource.id}` : resource.id,
    hint: 'make one resource of the two, or take one away; what is meant one after the other belongs into two ensure calls, which do both in each apply',
  }
}

function at(place: Place | undefined): string {
  return place === undefined ? '' : ` at ${[place.file, place.line ?? 1, place.column ?? 1].join(':')}`
}
