import type { Unit } from './units.ts'

interface Named {
  readonly host: string
  readonly role: string
  readonly play: string
}

/**
 * Gives a unit the same key in every run. A play may give a host one role twice; units of a host run in order, so the second stays the second.
 */
export function unitKeys(): (unit: Named) => string {
  const seen = new Map<string, number>()
  return ({ host, role, play }) => {
    const name = JSON.stringify([play, host, role])
    const nth = (seen.get(name) ?? 0) + 1
    seen.set(name, nth)
    return nth === 1 ? name : `${name} ${nth}`
  }
}

export function named({ host, role, play }: Unit): Named {
  return { host: host.name, role: role.name, play: play.name }
}
