import type { Contents, Whole } from '../../resources/kit/declarations.ts'
import type { Resource } from '../../resources/kit/kind.ts'
import { missing } from './missing-part.ts'

/** A resource manages everything in a directory, and another one puts something else there: each would undo the other in every run. */
interface ContentsConflict {
  readonly resource: Resource
  readonly other: Resource
  readonly message: string
}

/** `placesOf` returns the paths of a resource, with links resolved like `placeOf`. */
export function contentsConflicts(
  resources: readonly Resource[],
  placeOf: (path: string) => string,
  placesOf: (resource: Resource) => readonly string[],
): ContentsConflict[] {
  return resources.flatMap((whole) => {
    const { contents } = whole
    if (contents === undefined) return []
    const dir = `${placeOf(contents.path)}/`
    return resources.flatMap((other) => {
      if (other === whole) return []
      const inside = placesOf(other).flatMap((place) => (place.startsWith(dir) ? [place.slice(dir.length)] : []))
      const why = inside.map((relative) => clash(contents, relative, other)).find((each) => each !== undefined)
      return why === undefined ? [] : [{ resource: other, other: whole, message: `${other.id} ${why} ${whole.id}` }]
    })
  })
}

/** Why the other resource conflicts with what the first one brings, in words around both ids. */
function clash(contents: Contents, relative: string, { whole, part }: Resource): string | undefined {
  const brought = contents.at(relative)
  if (brought === 'left') return undefined
  const isNothing = whole?.type === 'absent' || part?.isIn(undefined) === true
  if (brought === undefined) return contents.prunes && !isNothing ? 'is in a directory that is pruned by' : undefined
  if (part !== undefined)
    return missing(part, brought) === undefined ? undefined : 'is to be in a file that comes otherwise with'
  if (whole === undefined) return 'writes what comes with'
  if (whole.type === 'absent') return 'removes what comes with'
  return isSame(whole, brought) ? undefined : 'makes something else of what comes with'
}

function isSame(one: Whole, other: Whole): boolean {
  if (one.type === 'file' && other.type === 'file') return Buffer.compare(one.content, other.content) === 0
  if (one.type === 'link' && other.type === 'link') return one.to === other.to
  return one.type === 'dir' && other.type === 'dir'
}
