import type { Played, Resource } from 'rolecall'

/** What tests look at, in a want whose type the name of its resource implies. */
interface Wanted {
  readonly content?: unknown
  readonly inputs?: readonly string[]
  readonly names?: readonly string[]
  readonly validate?: unknown
  readonly run?: unknown
}

export const ids = (played: Played): readonly string[] => played.asked.map((resource) => resource.id)

export function resourceOf(played: Played, id: string): Resource<Wanted> {
  const found = played.asked.find((resource) => resource.id === id)
  if (found === undefined) throw new Error(`${id} was not asked for: ${ids(played).join(', ')}`)
  return found as Resource<Wanted>
}

/** The text of a file that was asked for. */
export function contentOf(played: Played, id: string, live?: string): string {
  const { content } = resourceOf(played, id).want
  return typeof content === 'function' ? (content as (live?: string) => string)(live) : String(content)
}
