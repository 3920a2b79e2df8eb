import type { Consultation } from './consultation.ts'
import type { EffectLog } from './effect-log.ts'
import type { PendingChange } from './effect.ts'

/** A package that will be installed. */
export interface PendingPackage extends PendingChange {
  readonly name: string
  /** The version on the host stays. */
  readonly kept: boolean
  /** The package is installed and configured already: no step touches it. */
  readonly asIs: boolean
}

/** Packages as pending steps will leave them. */
export class PendingPackages {
  readonly #log: EffectLog
  readonly #consultation: Consultation

  /** @internal */
  constructor(log: EffectLog, consultation: Consultation) {
    this.#log = log
    this.#consultation = consultation
  }

  get(name: string): { readonly installed: boolean; readonly held?: boolean; readonly from: string } | undefined {
    return this.#consultation.note(this.#log.ofType('package').findLast((effect) => effect.name === name))
  }

  /** An unknown resource that would install or remove a package. Undefined if a later effect decides. */
  doubtAbout(name: string): { readonly from: string } | undefined {
    const doubt = this.#log.lastDoubt('package', (each) => each.name === name)
    if (doubt === undefined) return undefined
    const decided = this.#log.ofType('package').findLast((effect) => effect.name === name)?.turn ?? -1
    return decided >= doubt.turn ? undefined : this.#consultation.note(doubt)
  }

  /** The packages that will be installed. */
  installed(): readonly PendingPackage[] {
    return this.peekInstalled().map((each) => this.#consultation.note(each))
  }

  /** The packages that will be installed; does not count as a dependency. */
  peekInstalled(): readonly PendingPackage[] {
    return this.#lastOfEach().flatMap(({ installed, name, from, turn, kept = false, asIs = false }) =>
      installed ? [{ name, from, turn, kept, asIs }] : [],
    )
  }

  /** The names of the packages that will be removed; does not count as a dependency. */
  peekRemoved(): ReadonlySet<string> {
    return new Set(this.#lastOfEach().flatMap(({ installed, name }) => (installed ? [] : [name])))
  }

  /** A pending step that configures every package whose installation was interrupted. */
  configured(): { readonly from: string } | undefined {
    return this.#consultation.note(this.#log.ofType('packages').at(-1))
  }

  /** The last effect on each package, the newest first. */
  #lastOfEach() {
    const seen = new Set<string>()
    return this.#log
      .ofType('package')
      .toReversed()
      .filter(({ name }) => {
        const isFirst = !seen.has(name)
        seen.add(name)
        return isFirst
      })
  }
}
