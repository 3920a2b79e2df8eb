import type { Resource } from '../../resources/kit/kind.ts'
import type { ResourceChange } from './moved-packages.ts'

/** A part of a file that a later resource removes. */
interface UndonePart {
  readonly resource: Resource
  readonly path: string
  readonly later: Resource
}

/**
 * Parts that are no longer in their files after all of these changes, by the known contents that the steps write: each run would add them and remove
 * them again.
 */
export function undoneParts(changes: readonly ResourceChange[], placeOf: (path: string) => string): UndonePart[] {
  if (changes.every(({ resource }) => resource.part === undefined)) return []
  const writes = writesByPlace(changes, placeOf)
  return changes.flatMap(({ resource }, index): UndonePart[] => {
    const { part } = resource
    if (part === undefined) return []
    const later = writes.get(placeOf(part.path))?.filter((write) => write.index > index) ?? []
    const last = later.at(-1)
    if (last === undefined || part.isIn(last.content)) return []
    const culprit = later.find(({ content }) => !part.isIn(content)) ?? last
    return [{ resource, path: part.path, later: culprit.resource }]
  })
}

/** A known content that a change writes. */
interface KnownWrite {
  readonly index: number
  readonly resource: Resource
  readonly content: Uint8Array
}

/** What the changes write to each file, in their order; of one change the last content. */
function writesByPlace(
  changes: readonly ResourceChange[],
  placeOf: (path: string) => string,
): Map<string, KnownWrite[]> {
  const writes = new Map<string, KnownWrite[]>()
  changes.forEach(({ resource, effects }, index) => {
    const states = effects.flatMap((effect) =>
      effect.type === 'path' ? [[placeOf(effect.path), effect.state] as const] : [],
    )
    for (const [place, state] of new Map(states)) {
      if (state.type !== 'file' || state.content === undefined) continue
      const write = { index, resource, content: state.content }
      const known = writes.get(place)
      if (known === undefined) writes.set(place, [write])
      else known.push(write)
    }
  })
  return writes
}
