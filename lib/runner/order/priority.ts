import { dependenciesOf } from '../../playbook/after.ts'
import type { Unit } from '../units/units.ts'

/**
 * The number of units that wait for a unit, itself included: those after it on its host, or those of the plays that come after its own, whichever is
 * more. Units with the highest number run first; among equals, units of a later play, so that plays that have begun are finished.
 *
 * `units` are in the order of the playbook, so a unit comes after the units it waits for.
 */
export function priorityOf(units: readonly Unit[]): ReadonlyMap<Unit, number> {
  const priorities = new Map<Unit, number>()
  const longest = new Map<string, number>()
  const sizes = new Map<string, number>()
  const later = new Map<string, Set<string>>()
  const most = (key: string, waiting: number) => longest.set(key, Math.max(longest.get(key) ?? 0, waiting))
  const behind = (play: string) => (sizes.get(play) ?? 1) - 1 + (longest.get(`play ${play}`) ?? 0)
  const plays = [...new Set(units.map(({ play }) => play.name))]
  const place = new Map(plays.map((name, at) => [name, at / plays.length]))
  for (const unit of units.toReversed()) {
    const { host, play, batch } = unit
    const waiting =
      1 +
      Math.max(
        longest.get(`host ${host.name}`) ?? 0,
        longest.get(`batch ${batch + 1} ${play.name}`) ?? 0,
        ...[...(later.get(play.name) ?? [])].map(behind),
      )
    priorities.set(unit, waiting + (place.get(play.name) ?? 0))
    sizes.set(play.name, (sizes.get(play.name) ?? 0) + 1)
    for (const key of [`host ${host.name}`, `play ${play.name}`, `batch ${batch} ${play.name}`]) most(key, waiting)
    for (const { play: name } of dependenciesOf(play)) later.set(name, (later.get(name) ?? new Set()).add(play.name))
  }
  return priorities
}
