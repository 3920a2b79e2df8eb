import type { Effect, EffectOf, PendingChange, Recorded } from './effect.ts'
import { newest, PathEffects } from './path-effects.ts'

/** A path, a unit or a package that an unknown resource may change, or that a running program may change. */
interface Doubt extends PendingChange {
  readonly type: 'path' | 'unit' | 'package'
  readonly name: string
  readonly goesOn: boolean
}

/** The effects of the pending steps on one host, in the order in which the steps will run. */
export class EffectLog {
  readonly #effects: Recorded[] = []
  readonly #byType = emptyLists()
  readonly #paths = new PathEffects()
  readonly #doubts: Doubt[] = []

  /** The number that the next effect gets. */
  get turn(): number {
    return this.#effects.length
  }

  get isEmpty(): boolean {
    return this.#effects.length === 0 && this.#doubts.length === 0
  }

  get hasDoubts(): boolean {
    return this.#doubts.length > 0
  }

  /** The effects of type `path`, by path and by directory. */
  get paths(): PathEffects {
    return this.#paths
  }

  add(from: string, effect: Effect): void {
    const recorded: Recorded = { ...effect, from, turn: this.turn }
    this.#effects.push(recorded)
    const same: Recorded[] = this.#byType[recorded.type]
    same.push(recorded)
    if (recorded.type === 'path') this.#paths.add(recorded)
  }

  addDoubt(from: string, type: Doubt['type'], name: string, goesOn = false): void {
    this.#doubts.push({ type, name, from, turn: this.turn, goesOn })
  }

  /** Removes the effects with this number or a higher one, and the doubts recorded after them. */
  rewind(turn: number): void {
    for (const effect of this.#effects.splice(turn).reverse()) {
      this.#byType[effect.type].pop()
      if (effect.type === 'path') this.#paths.removeLast(effect)
    }
    this.#doubts.splice(this.#doubts.findLastIndex((doubt) => doubt.turn <= turn) + 1)
  }

  before(turn: number): readonly Recorded[] {
    return this.#effects.slice(0, turn)
  }

  since(turn: number): readonly Recorded[] {
    return this.#effects.slice(turn)
  }

  /** The effects of one type, in order: the last one decides. */
  ofType<Type extends Effect['type']>(type: Type): readonly Recorded<EffectOf<Type>>[] {
    return this.#byType[type]
  }

  /** The last effect of one of these types for which `isSuch` holds. */
  last<Type extends Effect['type']>(
    types: Iterable<Type>,
    isSuch: (effect: Recorded<EffectOf<Type>>) => boolean = () => true,
  ): Recorded<EffectOf<Type>> | undefined {
    return newest([...types].map((type) => this.ofType(type).findLast(isSuch)))
  }

  /** The last effect of any other type for which `isSuch` holds. */
  lastBut(types: readonly Effect['type'][], isSuch: (effect: Recorded) => boolean): Recorded | undefined {
    const others: (readonly Recorded[])[] = Object.values(this.#byType)
    return newest(
      others
        .filter(([first]) => first !== undefined && !types.includes(first.type))
        .map((same) => same.findLast(isSuch)),
    )
  }

  /** The last doubt of one type for which `isAbout` holds. */
  lastDoubt(type: Doubt['type'], isAbout: (doubt: Doubt) => boolean = () => true): Doubt | undefined {
    return this.#doubts.findLast((doubt) => doubt.type === type && isAbout(doubt))
  }
}

type ByType = { readonly [Type in Effect['type']]: Recorded<EffectOf<Type>>[] }

function emptyLists(): ByType {
  return {
    path: [],
    package: [],
    packages: [],
    boot: [],
    mount: [],
    attributes: [],
    units: [],
    user: [],
    group: [],
    unit: [],
    'unit-file': [],
    'unit-alias': [],
    image: [],
    container: [],
    project: [],
    object: [],
    doubt: [],
    anything: [],
  }
}
