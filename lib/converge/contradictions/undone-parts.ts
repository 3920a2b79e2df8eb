import type { Resource } from '../../resources/kit/kind.ts'
import type { Change } from './moved-packages.ts'

/** A part of a file that a later resource takes out again. */
interface UndonePart {
  readonly resource: Resource
  readonly path: string
  readonly later: Resource
}

/**
 * Parts that would not be in their files any more once all of these changes are made, by the contents that the steps are known to write: each run would put them back,
 * and take them out again.
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

/** What a change is known to write to a file. */
function contentAt({ effects }: Change, place: string, placeOf: (path: string) => string): Uint8Array | undefined {
  const written = effects.findLast((effect) => effect.type === 'path' && placeOf(effect.path) === place)
  return written?.type === 'path' && written.state.type === 'file' ? written.state.content : undefined
}
