import { posix } from 'node:path'
import type { Consultation } from './consultation.ts'
import {
  impliesDirectories,
  isExact,
  type PathState,
  type EffectOf,
  type PendingChange,
  type Recorded,
} from './effect.ts'
import type { EffectLog } from './effect-log.ts'
import { newest } from './path-effects.ts'

/** A path as pending steps will leave it. */
export interface PendingPath extends PendingChange {
  readonly state: PathState
}

/** Paths as pending steps will leave them. */
export class PendingPaths {
  readonly #log: EffectLog
  readonly #consultation: Consultation
  readonly #realPaths = new Map<string, string>()

  /** @internal */
  constructor(log: EffectLog, consultation: Consultation) {
    this.#log = log
    this.#consultation = consultation
  }

  /** Records that the host reaches the directory `dir` through a link, and that its real path is `real`. */
  addLink(dir: string, real: string): void {
    if (dir !== real) this.#realPaths.set(dir, real)
  }

  /** Directories that the host reaches through a link, with their real paths. */
  get links(): ReadonlyMap<string, string> {
    return this.#realPaths
  }

  /** Whether the host reaches any directory through a link. */
  get hasLinks(): boolean {
    return this.#realPaths.size > 0
  }

  /**
   * The real path of a path, as far as its directories were probed: one file has one path here, however it is spelled. A link that a pending step
   * replaces is not followed.
   */
  resolve(path: string): string {
    return this.#behindBinds(this.#behindLinks(path))
  }

  #behindLinks(path: string): string {
    for (let dir = posix.dirname(path); dir !== '/' && dir !== '.'; dir = posix.dirname(dir)) {
      const real = this.#realPaths.get(dir)
      if (real === undefined) continue
      return this.#isReplaced(dir) ? path : posix.normalize(`${real}/${path.slice(dir.length)}`)
    }
    return path
  }

  /** Anything below a directory that is also mounted elsewhere is recorded by its first path. */
  #behindBinds(path: string): string {
    let at = path
    for (const { path: point, holds } of this.#log.ofType('mount').toReversed()) {
      if (holds === 'same' || !at.startsWith(`${point}/`)) continue
      if (typeof holds !== 'object') break
      at = holds.of + at.slice(point.length)
    }
    return at
  }

  #isReplaced(link: string): boolean {
    const isOther = ({ state }: { readonly state: PathState }) => state.type !== 'dir'
    return this.#log.paths.at(link).some(isOther) || this.#log.paths.lastAbove(link, isOther) !== undefined
  }

  /** What will be at a path; undefined when nothing pending touches it. */
  get(path: string): PendingPath | undefined {
    const [real, cover] = [this.resolve(path), coverOf(this.#behindLinks(path), this.#log)]
    // Anything put there before the mount is hidden below it.
    const since = cover !== undefined && typeof cover.holds !== 'object' ? cover.turn : 0
    const { paths } = this.#log
    const own = newest([paths.at(real).at(-1), paths.lastAbove(real, ({ state }) => state.type === 'absent')])
    const decisive = own !== undefined && own.turn >= since ? own : undefined
    // The last effect that needs the path as a directory. Only an effect on the path itself says its mode.
    const below = paths.below(real).findLast(({ state, turn }) => turn >= since && impliesDirectories(state))
    const isDirectory = below !== undefined && below.turn > (decisive?.turn ?? -1)
    if (decisive !== undefined && !(isDirectory && (decisive.path !== real || decisive.state.type !== 'dir'))) {
      const state: PathState = decisive.path === real ? decisive.state : { type: 'absent' }
      const turn = isDirectory ? below.turn : decisive.turn
      return this.#consultation.note({ state, from: decisive.from, turn }, isExact(decisive.state))
    }
    if (below === undefined && cover !== undefined && isEmpty(cover))
      return this.#consultation.note({ state: { type: 'absent' }, from: cover.from, turn: cover.turn })
    return (
      below &&
      this.#consultation.note({ state: { type: 'dir' }, from: below.from, turn: below.turn }, isExact(below.state))
    )
  }

  /** The last mount or unmount at a directory. */
  mount(dir: string): (Pick<EffectOf<'mount'>, 'state' | 'options'> & { readonly from: string }) | undefined {
    const real = this.resolve(dir)
    return this.#consultation.note(this.#log.ofType('mount').findLast(({ path }) => path === real))
  }

  /** The changes of a path's attributes, in order. */
  attributes(path: string): readonly (PendingChange & { readonly has: string; readonly hasNot: string })[] {
    const real = this.resolve(path)
    return this.#log
      .ofType('attributes')
      .filter((effect) => this.resolve(effect.path) === real)
      .map((effect) => this.#consultation.note(effect))
  }

  /** Every path below a directory that a pending step changes, in its final state. */
  below(given: string): readonly (PendingPath & { readonly path: string })[] {
    const dir = this.#behindBinds(`${given}/`).slice(0, -1)
    const touched = new Set(this.#log.paths.below(dir).map(({ path }) => path))
    return [...touched].flatMap((path) => {
      const found = this.get(path)
      return found === undefined ? [] : [{ path, ...found }]
    })
  }

  /** A directory above `path` that will come with undeclared content: `path` may be part of it. */
  filledAbove(path: string): PendingChange | undefined {
    const real = this.resolve(path)
    return this.#consultation.note(
      this.#log.paths.lastAbove(real, ({ state }) => state.type === 'dir' && state.filled === true),
    )
  }

  /** The first path in a command line that a pending step changes or leaves in doubt. */
  namedIn(command: string): { readonly path: string; readonly from: string } | undefined {
    for (const [path] of command.matchAll(/(?<![\w.])\/[\w@%+=:,./-]*[\w@%+=-]/g)) {
      const pending = this.get(path) ?? this.doubtAbout(path)
      if (pending !== undefined) return { path, from: pending.from }
    }
    return undefined
  }

  /**
   * The reason why the state of a path is in doubt: an unknown resource, a command that runs in the background, or a file system mounted above it
   * whose content nobody knows. Undefined if a later effect decides. `words`: the reason as text; it says so if the source itself is unknown.
   */
  doubtAbout(path: string): { readonly from: string; readonly words: string } | undefined {
    const real = this.resolve(path)
    const doubt = this.#log.lastDoubt('path', ({ name }) => name === real)
    const cover = coverOf(this.#behindLinks(path), this.#log)
    const decided = this.get(path)?.turn ?? -1
    if (doubt !== undefined && decided < doubt.turn)
      return this.#consultation.note({
        from: doubt.from,
        words: `${doubt.from}, which ${doubt.goesOn ? 'goes on' : 'is unknown itself'}`,
      })
    if (cover === undefined || decided >= 0) return undefined
    return this.#consultation.note({ from: cover.from, words: cover.from })
  }

  /**
   * The unknown resource that may decide who can change the directories above a path. Later effects below these directories do not matter, only those
   * on the directories themselves.
   */
  doubtAbove(path: string): { readonly from: string } | undefined {
    const real = this.resolve(path)
    const isDecided = (dir: string, since: number) => (this.#log.paths.at(dir).at(-1)?.turn ?? -1) >= since
    return this.#consultation.note(
      this.#log.lastDoubt('path', ({ name: dir, turn }) => real.startsWith(`${dir}/`) && !isDecided(dir, turn)),
    )
  }
}

function isEmpty({ holds }: EffectOf<'mount'>): boolean {
  return holds === 'nothing' || (typeof holds === 'object' && holds.isNew === true)
}

/** The last pending mount or unmount that hides what was at a path, under this name or the targets of links. */
function coverOf(path: string, log: EffectLog): Recorded<EffectOf<'mount'>> | undefined {
  return log.ofType('mount').findLast(({ path: point, holds }) => path.startsWith(`${point}/`) && holds !== 'same')
}
