import type { Effect } from './effect.ts'

/** The origin of a state that is still pending. */
export interface PendingChange {
  /** The id of the resource that brings it, as `kind:name`. */
  readonly from: string
  /** Its number in the order of all pending changes of the host: a change with a lower number comes first. */
  readonly turn: number
}

/** An effect that a pending step will have. */
export type Recorded<E extends Effect = Effect> = E & PendingChange

/** All effects of one type. */
export type EffectOf<Type extends Effect['type']> = Extract<Effect, { type: Type }>

/** An effect that decides what may be changed at a place. */
export type PlaceEffect = EffectOf<'mount' | 'attributes'>

/** A path, a unit or a package that an unknown resource may change, or that a running program may change. */
interface Doubt extends PendingChange {
  readonly type: 'path' | 'unit' | 'package'
  readonly name: string
  readonly goesOn: boolean
}

/** The effects of the pending steps on one host, in the order in which the steps will run. */
export class EffectLog {
  readonly #effects: Recorded[] = []
  readonly #doubts: Doubt[] = []

  /** The number that the next effect gets. */
  get turn(): number {
    return this.#effects.length
  }

  get isEmpty(): boolean {
    return this.#effects.length === 0 && this.#doubts.length === 0
  }

  get effects(): readonly Recorded[] {
    return this.#effects
  }

  get hasDoubts(): boolean {
    return this.#doubts.length > 0
  }

  add(from: string, effect: Effect): void {
    this.#effects.push({ ...effect, from, turn: this.turn })
  }

  addDoubt(from: string, type: Doubt['type'], name: string, goesOn = false): void {
    this.#doubts.push({ type, name, from, turn: this.turn, goesOn })
  }

  /** Removes the effects with this number or a higher one, and the doubts recorded after them. */
  rewind(turn: number): void {
    this.#effects.length = Math.min(turn, this.#effects.length)
    this.#doubts.splice(this.#doubts.findLastIndex((doubt) => doubt.turn <= turn) + 1)
  }

  before(turn: number): readonly Recorded[] {
    return this.#effects.slice(0, turn)
  }

  /** The effects of one type, the last one first: the last one decides. */
  newestFirst<Type extends Effect['type']>(type: Type): Recorded<EffectOf<Type>>[] {
    return this.#effects.filter((effect): effect is Recorded<EffectOf<Type>> => effect.type === type).reverse()
  }

  /** The last doubt of one type for which `isAbout` holds. */
  lastDoubt(type: Doubt['type'], isAbout: (doubt: Doubt) => boolean = () => true): Doubt | undefined {
    return this.#doubts.findLast((doubt) => doubt.type === type && isAbout(doubt))
  }
}
