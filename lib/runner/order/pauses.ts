import type { RunEvent } from '../../events.ts'
import { pause } from '../hosts/pause.ts'
import type { Unit } from '../units/units.ts'

/** The pauses between the batches of plays. After a batch that changed nothing there is no pause: nothing has to settle. */
export class Pauses {
  readonly #changed = new Set<string>()
  readonly #signal: AbortSignal
  readonly #emit: (event: RunEvent) => void
  readonly #confirm: (question: string) => Promise<boolean>
  #asked: Promise<unknown> = Promise.resolve()

  constructor(options: {
    readonly signal: AbortSignal
    readonly emit: (event: RunEvent) => void
    /** Asks whether to go on. Default: no. */
    readonly confirm?: ((question: string) => Promise<boolean>) | undefined
  }) {
    this.#signal = options.signal
    this.#emit = options.emit
    this.#confirm = options.confirm ?? (() => Promise.resolve(false))
  }

  /** Records that a unit changed something. */
  changed({ play, batch }: Unit): void {
    this.#changed.add(`${batch} ${play.name}`)
  }

  /** Waits before the batch of this unit begins, or asks whether it may begin. An interrupted run does not wait. False: it must not begin. */
  async before({ play, batch, host }: Unit): Promise<boolean> {
    if (play.pause === undefined || !this.#changed.has(`${batch - 1} ${play.name}`)) return true
    if (play.pause === 'ask') {
      const question = `Batch ${batch} of play ${play.name} is done. Go on with batch ${batch + 1}?`
      this.#emit({ type: 'waiting', host: host.name, message: question, at: Date.now() })
      // One question at a time.
      const answer = this.#asked.then(() => this.#confirm(question))
      this.#asked = answer.catch(() => undefined)
      return await answer
    }
    const message = `play ${play.name} pauses for ${play.pause} s before batch ${batch + 1}`
    this.#emit({ type: 'waiting', host: host.name, message, at: Date.now() })
    await pause(play.pause * 1000, this.#signal).catch(() => undefined)
    return true
  }
}
