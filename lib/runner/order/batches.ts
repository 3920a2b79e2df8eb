import { RolecallError } from '../../errors.ts'
import type { BatchSize, Play } from '../../playbook/playbook.ts'
import { share } from './share.ts'
import type { Unit } from './unit.ts'

/**
 * The sizes of the batches of a rolling update, in their order. A percentage is one of all hosts of the play, rounded down, at least one host; the
 * last size of a list repeats until no host is left. Without `serial` all hosts are one batch.
 */
export function batchSizes(serial: Play['serial'], hosts: number): number[] {
  const wanted = sizesIn(serial)
  const sizes: number[] = []
  for (let left = hosts; left > 0; left -= sizes.at(-1) ?? left) {
    const next = wanted[Math.min(sizes.length, wanted.length - 1)] ?? '100%'
    sizes.push(Math.min(left, Math.max(1, share(next, hosts))))
  }
  return sizes
}

function sizesIn(serial: Play['serial'] = '100%'): readonly BatchSize[] {
  return isList(serial) ? serial : [serial]
}

/** The batch of each host, counted from 0. */
export function batchesOf(serial: Play['serial'], hosts: number): number[] {
  return batchSizes(serial, hosts).flatMap((size, batch) => Array.from({ length: size }, () => batch))
}

/** Notes on what apply does between batches and check leaves out, one for each play on its first host. */
export function batchNotes(units: readonly Unit[]): { readonly host: string; readonly message: string }[] {
  const plays = new Map<Play, Map<string, number>>()
  for (const { play, host, batch } of units) {
    const batches = plays.get(play) ?? new Map<string, number>()
    plays.set(play, batches.set(host.name, batch))
  }
  return [...plays].flatMap(([play, batches]) => {
    const [host = ''] = batches.keys()
    const count = new Set(batches.values()).size
    const pause =
      play.pause === undefined || count <= 1
        ? []
        : [
            play.pause === 'ask'
              ? 'a question after each batch that changes something'
              : `a pause of ${play.pause} s between batches that change something`,
          ]
    const gate =
      play.gate === undefined ? [] : ['a gate that must be passed on each host of a batch before the next begins']
    const recovery = play.onFailure === undefined ? [] : ['roles for hosts that were begun when the play has failed']
    const rollback = play.rollback === undefined ? [] : ['files put back where a batch has failed']
    const said = [...pause, ...gate, ...rollback, ...recovery]
    const sizes = Array.from(
      { length: Math.max(...batches.values()) + 1 },
      (_, at) => [...batches.values()].filter((each) => each === at).length,
    )
    if (said.length === 0) return []
    return [{ host, message: `play ${play.name}: batches of ${sizes.join(', ')}; apply has ${said.join(', and ')}` }]
  })
}

/** Throws a RolecallError if a play asks between batches and nobody can answer. */
export function requireAnswers(units: readonly Unit[]): void {
  const asking = new Set(units.flatMap(({ play, batch }) => (play.pause === 'ask' && batch > 0 ? [play.name] : [])))
  if (asking.size === 0) return
  throw new RolecallError(
    Array.from(asking, (play) => ({
      code: 'usage',
      message: `play ${play} asks before its next batch, and there is no terminal to ask at`,
      expected: '--yes, to answer in advance',
      hint: 'no host was touched; a program gives run() the function confirm',
    })),
  )
}

function isList(serial: NonNullable<Play['serial']>): serial is readonly BatchSize[] {
  return Array.isArray(serial)
}
