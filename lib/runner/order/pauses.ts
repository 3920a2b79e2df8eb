import type { RunEvent } from '../../events.ts'
import { pause } from '../hosts/pause.ts'
import type { Unit } from '../units/units.ts'

/** The pauses between the batches of plays. A batch that changed nothing is followed by none: there is nothing to wait for. */
export class Pauses {
  readonly #changed = new Set<string>()
  readonly #signal: AbortSignal
  readonly #emit: (event: RunEvent) => void

  constructor(options: { readonly signal: AbortSignal; readonly emit: (event: RunEvent) => void }) {
    this.#signal = options.signal
    this.#emit = options.emit
  }

  /** Something was changed by a unit. */
  changed({ play, batch }: Unit): void {
    this.#changed.add(`${batch} ${play.name}`)
  }

  /** Waits before the batch of this unit begins. An interrupted run does not wait. */
  async before({ play, batch, host }: Unit): Promise<void> {
    if (play.pause === undefined || !this.#changed.has(`${batch - 1} ${play.name}`)) return
    const message = `play ${play.name} pauses for ${play.pause} s before batch ${batch + 1}`
    this.#emit({ type: 'waiting', host: host.name, message, at: Date.now() })
    await pause(play.pause * 1000, this.#signal).catch(() => undefined)
  }
}
