import { RolecallError } from '../../errors.ts'
import { UnpredictableError } from '../../converge/context/prediction-limit.ts'
import type { Unit } from './units.ts'

interface Begun {
  readonly host: string
  readonly result: Promise<unknown>
}

/** Work that roles do once for all hosts of a play or a batch: the first host does it, and the others wait. */
export class OncePerPlay {
  readonly #begun = new Map<string, Begun>()

  /** `end` receives the reason why the rest cannot be predicted, where the first host could not. */
  async run<T>(
    { play, role, host, batch }: Unit,
    what: string,
    work: () => Promise<T>,
    { per = 'play', end }: { readonly per?: 'play' | 'batch'; readonly end: (reason: string) => never },
  ): Promise<T> {
    const key = JSON.stringify([play.name, role.name, what, ...(per === 'batch' ? [batch] : [])])
    const before = this.#begun.get(key)
    if (before === undefined) {
      const result = work()
      this.#begun.set(key, { host: host.name, result })
      // Those that wait receive the error; perhaps nobody waits.
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
        hint: `mend it there: its own error stands with ${before.host}`,
      })
    }
  }
}
