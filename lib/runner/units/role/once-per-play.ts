import { RolecallError } from '../../../errors.ts'
import { UnpredictableError } from '../../../converge/context/prediction-limit.ts'
import { placeOfCall } from '../../../place.ts'
import type { Unit } from '../units.ts'

interface Begun {
  readonly host: string
  readonly result: Promise<unknown>
}

/** Work that roles do once for all hosts of a play or a batch: the first host does it, and the others wait. */
export class OncePerPlay {
  readonly #begun = new Map<string, Begun>()
  /** The names that each unit has used. */
  readonly #asked = new WeakMap<Unit, Set<string>>()

  /** `end` is called with the reason if the first host could not predict the result. */
  async run<T>(
    unit: Unit,
    what: string,
    work: () => Promise<T>,
    { per = 'play', end }: { readonly per?: 'play' | 'batch'; readonly end: (reason: string) => never },
  ): Promise<T> {
    const { play, role, host, batch } = unit
    const asked = this.#asked.get(unit) ?? new Set()
    if (asked.has(what)) throw alreadyDone(what, role.name)
    this.#asked.set(unit, asked.add(what))
    const key = JSON.stringify([play.name, role.name, what, ...(per === 'batch' ? [batch] : [])])
    const before = this.#begun.get(key)
    if (before === undefined) {
      const result = work()
      this.#begun.set(key, { host: host.name, result })
      // Hosts that wait get the error themselves; perhaps none waits.
      result.catch(() => undefined)
      return await result
    }
    try {
      // The same call of the same role returns the same value.
      return (await before.result) as T
    } catch (error) {
      if (error instanceof UnpredictableError) return end(error.message)
      throw new RolecallError({
        code: 'step-failed',
        host: host.name,
        role: role.name,
        message: `"${what}", which is done once for the ${per}, failed on ${before.host}`,
        hint: `correct it there: this report has the error of ${before.host}`,
      })
    }
  }
}

/** A second call would get the first one's result, and its own work would never be done. */
function alreadyDone(what: string, role: string): RolecallError {
  const place = placeOfCall()
  return new RolecallError({
    code: 'playbook',
    role,
    message: `the role calls once("${what}", ...) twice on one host`,
    ...(place === undefined ? {} : { place }),
    expected: 'a name of its own for each work that is done once',
    hint: `keep the result of the first call, or give the second another name`,
  })
}
