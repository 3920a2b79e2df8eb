import type { Effect } from '../../resources/prediction/effect.ts'
import type { Resource } from '../../resources/kit/kind.ts'

/** A resource with the changes of its steps; without any if it has no steps. */
export interface ResourceChange {
  readonly resource: Resource
  readonly effects: readonly Effect[]
}

/** A package that a change installs or removes. */
interface Moved {
  readonly name: string
  readonly installed: boolean
}

/** A package that a change installs or removes, while another resource wants the opposite. */
export function movedPackage({ resource, effects }: ResourceChange, other: Resource): Moved | undefined {
  if (resource.id === other.id || !movesPackages({ resource, effects })) return undefined
  const wanted = new Map(packagesOf(other).map(({ name, state }) => [name, state]))
  for (const effect of effects) {
    if (effect.type !== 'package' || effect.kept === true || !wanted.has(effect.name)) continue
    const { name, installed } = effect
    if ((wanted.get(name) !== 'absent') !== installed) return { name, installed }
  }
  return undefined
}

/** Whether a change installs or removes a package. */
export function movesPackages({ effects }: ResourceChange): boolean {
  return effects.some((effect) => effect.type === 'package' && effect.kept !== true)
}

/** Whether a resource wants packages to be present or absent. */
export function managesPackages(resource: Resource): boolean {
  return packagesOf(resource).length > 0
}

/** `pkg:postfix removes the package exim4` */
export function movedWords({ id }: Resource, { name, installed }: Moved): string {
  return `${id} ${installed ? 'brings' : 'removes'} the package ${name}`
}

/** Whether any resource wants a package to be absent. If so, the host must be asked what the other packages depend on. */
export function removesPackages(resources: readonly Resource[]): boolean {
  return resources.some((resource) => packagesOf(resource).some(({ state }) => state === 'absent'))
}

function packagesOf(resource: Resource): readonly { readonly name: string; readonly state: unknown }[] {
  return resource.declarations().flatMap(([thing, wanted]) => {
    if (!thing.startsWith('package ')) return []
    const state = typeof wanted === 'object' && wanted !== null && 'state' in wanted ? wanted.state : 'present'
    return [{ name: thing.slice('package '.length), state }]
  })
}
