import type { Consultation } from './consultation.ts'
import type { EffectLog } from './effect-log.ts'
import type { EffectOf, PendingChange } from './effect.ts'

/** Units of systemd as pending steps will leave them. */
export class PendingUnits {
  readonly #log: EffectLog
  readonly #consultation: Consultation

  /** @internal */
  constructor(log: EffectLog, consultation: Consultation) {
    this.#log = log
    this.#consultation = consultation
  }

  get(name: string): { readonly running: boolean; readonly from: string } | undefined {
    return this.#consultation.note(this.#log.ofType('unit').findLast((effect) => effect.name === name))
  }

  /** A pending step that starts, restarts or stops a unit. */
  startOrStop(name: string): PendingChange | undefined {
    return this.#consultation.note(
      this.#log.ofType('unit').findLast((effect) => effect.name === name && effect.stays !== true),
    )
  }

  /** The unknown resource that may start or stop a unit. */
  doubtAbout(name: string): { readonly from: string } | undefined {
    return this.#consultation.note(this.#log.lastDoubt('unit', (doubt) => doubt.name === name))
  }

  /** The state of a unit's files, by any of its names. */
  file(
    ...names: readonly string[]
  ): { readonly state: EffectOf<'unit-file'>['state']; readonly from: string } | undefined {
    return this.#consultation.note(this.#log.ofType('unit-file').findLast(({ name }) => names.includes(name)))
  }

  /** Whether a unit, by any of its names, will be masked. Undefined if nothing pending changes this: disabling a unit keeps its mask. */
  masked(...names: readonly string[]): boolean | undefined {
    const found = this.#consultation.note(
      this.#log.ofType('unit-file').findLast(({ name, state }) => names.includes(name) && state !== 'disabled'),
    )
    return found === undefined ? undefined : found.state === 'masked'
  }

  /** The unit that a name will lead to, or has led to so far. */
  alias(name: string): { readonly of: string; readonly exists: boolean; readonly from: string } | undefined {
    return this.#consultation.note(this.#log.ofType('unit-alias').findLast((each) => each.name === name))
  }

  /** A unit that will be enabled under more names, which are not known yet. */
  unknownAlias(): { readonly of: string; readonly from: string } | undefined {
    return this.#consultation.note(this.#log.ofType('unit-alias').findLast(({ name }) => name === undefined))
  }

  /** A pending `systemctl daemon-reload`. */
  reload(): PendingChange | undefined {
    return this.#consultation.note(this.#log.ofType('units').at(-1), true)
  }
}
