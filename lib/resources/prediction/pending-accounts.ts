import type { Consultation } from './consultation.ts'
import type { UserEntry } from './effect.ts'
import type { EffectLog } from './effect-log.ts'

/** A user or a group as pending steps will leave it. */
export interface PendingAccount<Entry> {
  readonly name: string
  readonly exists: boolean
  readonly from: string
  readonly entry?: Entry
}

/** Users and groups as pending steps will leave them. */
export class PendingAccounts {
  readonly #log: EffectLog
  readonly #consultation: Consultation

  /** @internal */
  constructor(log: EffectLog, consultation: Consultation) {
    this.#log = log
    this.#consultation = consultation
  }

  get(type: 'user' | 'group', name: string): PendingAccount<UserEntry> | undefined {
    return this.#consultation.note(
      this.#log.ofType(type).findLast((effect) => effect.name === name),
      true,
    )
  }

  /** Every user or group that a pending step makes, changes or removes; does not count as a dependency. */
  peekAll(type: 'user' | 'group'): readonly PendingAccount<UserEntry>[] {
    const byName = this.#log.ofType(type).map((effect) => [effect.name, effect] as const)
    return [...new Map(byName).values()]
  }
}
