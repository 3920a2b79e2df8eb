import type { Access } from '../../resources/kit/declarations.ts'
import type { Resource } from '../../resources/kit/kind.ts'

/** Two resources that keep another owner, group or mode at one path: each would undo the other in every run. */
interface AccessConflict {
  readonly resource: Resource
  readonly other: Resource
  readonly message: string
}

interface Keeper {
  readonly resource: Resource
  readonly access: Access
  /** Both resources manage only this path, so they are compared as a whole elsewhere. */
  readonly isAlone: boolean
}

/** `placeOf` resolves links. A pair of resources is reported once, by the first difference. */
export function accessConflicts(resources: readonly Resource[], placeOf: (path: string) => string): AccessConflict[] {
  const keepers = resources.flatMap((resource): Keeper[] => {
    const { access: all } = resource
    return all.map((access) => ({
      resource,
      access: { ...access, path: placeOf(access.path) },
      isAlone: all.length === 1 && access.below !== true && access.list === undefined,
    }))
  })
  if (keepers.every(({ isAlone }) => isAlone)) return []
  const wide = keepers.filter(({ access }) => access.below === true)
  const at = new Map<string, Keeper[]>()
  const conflicts = new Map<string, AccessConflict>()
  for (const one of keepers) {
    const { path } = one.access
    const same = at.get(path) ?? []
    const around = wide.filter(({ access }) => path.startsWith(`${access.path}/`))
    for (const other of [...same, ...around]) {
      const pair = [one.resource.id, other.resource.id].toSorted().join('\n')
      if (one.resource === other.resource || conflicts.has(pair) || (one.isAlone && other.isAlone)) continue
      const message = otherOwner(one, other) ?? otherMode(one, other) ?? cutList(one, other)
      if (message !== undefined) conflicts.set(pair, { resource: one.resource, other: other.resource, message })
    }
    at.set(path, [...same, one])
  }
  return [...conflicts.values()]
}

function otherOwner(one: Keeper, other: Keeper): string | undefined {
  const what = (['owner', 'group'] as const).find((each) => isOther(one.access[each], other.access[each]))
  return what && `${one.resource.id} gives another ${what} than ${other.resource.id}`
}

/** A name and a number may be the same account. */
function isOther(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined || one === other) return false
  return /^\d+$/.test(one) === /^\d+$/.test(other)
}

const MODES = ['fileMode', 'directoryMode'] as const

function otherMode(one: Keeper, other: Keeper): string | undefined {
  const differs = MODES.some((what) => {
    const [first, second] = [one.access[what], other.access[what]]
    return first !== undefined && second !== undefined && first !== second
  })
  return differs ? `${one.resource.id} gives another mode than ${other.resource.id}` : undefined
}

function cutList(one: Keeper, other: Keeper): string | undefined {
  for (const [listed, { access, resource }] of [
    [one, other],
    [other, one],
  ] as const) {
    const { list } = listed.access
    const cut = list && MODES.find((what) => isCutBy(access[what], list[what]))
    const mode = cut && access[cut]
    if (mode !== undefined)
      return `the mode ${mode} of ${resource.id} takes away what ${listed.resource.id} gives: its part for the group is the mask of the list`
  }
  return undefined
}

function isCutBy(mode: string | undefined, needed: number): boolean {
  return mode !== undefined && ((Number.parseInt(mode, 8) >> 3) & needed) !== needed
}
