import type { Resource } from '../../resources/kit/kind.ts'
import type { Change } from './moved-packages.ts'

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
export function undoneParts(changes: readonly Change[], placeOf: (path: string) => string): UndonePart[] {
  return changes.flatMap(({ resource }, index): UndonePart[] => {
    const { part } = resource
    if (part === undefined) return []
    const place = placeOf(part.path)
    const later = changes.slice(index + 1).flatMap((change) => {
      const content = contentAt(change, place, placeOf)
      return content === undefined ? [] : [{ resource: change.resource, content }]
    })
    const last = later.at(-1)
    if (last === undefined || part.isIn(last.content)) return []
    const culprit = later.find(({ content }) => !part.isIn(content)) ?? last
    return [{ resource, path: part.path, later: culprit.resource }]
  })
}

/** The known content that a change writes to a file. */
function contentAt({ effects }: Change, place: string, placeOf: (path: string) => string): Uint8Array | undefined {
  const written = effects.findLast((effect) => effect.type === 'path' && placeOf(effect.path) === place)
  return written?.type === 'path' && written.state.type === 'file' ? written.state.content : undefined
}
