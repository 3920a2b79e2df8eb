import { posix } from 'node:path'
import { afterwards, isExact, type Effect, type PathState, type UserEntry } from './effect.ts'
import { imageIdentity } from '../docker/image-name.ts'
import { Repeats } from './repeats.ts'
import type { OverlayState } from './overlay.ts'

export type { Effect, GroupEntry, PathState, UserEntry } from './effect.ts'

/** What a wait keeps for itself: no program looks at that. */
function isOwnMark(effect: Effect): boolean {
  return effect.type === 'path' && effect.path.startsWith('/run/rolecall/')
}

export type Recorded<E extends Effect = Effect> = E & {
  /** The resource that will bring it, as `kind:name`. */
  readonly from: string
  /** Its turn: what has a lower number comes first. */
  readonly at: number
}

/** A user or a group as something pending will leave it. */
export interface Pending<Entry> {
  readonly name: string
  readonly exists: boolean
  readonly from: string
  readonly entry?: Entry
}

export type MountEffect = Extract<Effect, { type: 'mount' }>

/** A package that will be there. */
export interface Coming {
  readonly name: string
  readonly from: string
  readonly at: number
  /** In the version that is there already. */
  readonly kept: boolean
  /** And nothing is done about it. */
  readonly asIs: boolean
}

/**
 * What earlier, pending steps on one host will have made true. In check mode it grows through the whole run;
 * in apply mode it holds only what the current `ensure` has planned but not yet done.
 */
export class Prediction {
  readonly #laid: Recorded[] = []
  readonly #doubts: { readonly path: string; readonly from: string; readonly at: number }[] = []
  readonly #unitDoubts: { readonly unit: string; readonly from: string; readonly at: number }[] = []
  readonly #links = new Map<string, string>()
  /** Whole resources that are pending. */
  readonly repeats = new Repeats()
  #consulted = new Set<string>()
  #awaited = new Set<string>()

  record(from: string, effects: readonly Effect[]): void {
    for (const effect of effects) {
      const placed = effect.type === 'path' ? { ...effect, path: this.#place(effect.path) } : effect
      this.#laid.push({ ...placed, from, at: this.#laid.length })
    }
  }

  /** The host reaches the directory `dir` through a link: it is `real`. */
  learn(dir: string, real: string): void {
    if (dir !== real) this.#links.set(dir, real)
  }

  /** Some directory was reached through a link. */
  get hasLinks(): boolean {
    return this.#links.size > 0
  }

  /** Where a path leads, as far as it was asked about. */
  placeOf(path: string): string {
    return this.#place(path)
  }

  /** One path for one place, whatever links it is spelled through. A link that a pending change replaces is not followed. */
  #place(path: string): string {
    for (let dir = posix.dirname(path); dir !== '/' && dir !== '.'; dir = posix.dirname(dir)) {
      const real = this.#links.get(dir)
      if (real === undefined) continue
      const isReplaced = this.#laid.some(
        (effect) =>
          effect.type === 'path' &&
          effect.state.type !== 'dir' &&
          (effect.path === dir || dir.startsWith(`${effect.path}/`)),
      )
      return isReplaced ? path : posix.normalize(`${real}/${path.slice(dir.length)}`)
    }
    return path
  }

  /**
   * What a resource that is itself unknown may do: its paths are in doubt, and where it reaches further than paths it may have
   * done anything.
   */
  doubt(from: string, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'path') this.#doubts.push({ path: this.#place(effect.path), from, at: this.#laid.length })
      if (effect.type === 'unit') this.#unitDoubts.push({ unit: effect.name, from, at: this.#laid.length })
    }
    if (effects.some(({ type }) => type === 'anything' || type === 'package')) this.record(from, [{ type: 'anything' }])
  }

  /** Forgets what was laid from a turn on: it will not be made, because what came then was refused. */
  rewind(turn: number): void {
    this.repeats.rewind(turn)
    this.#laid.splice(this.#laid.findLastIndex(({ at }) => at < turn) + 1)
    for (const doubts of [this.#doubts, this.#unitDoubts])
      doubts.splice(doubts.findLastIndex(({ at }) => at <= turn) + 1)
  }

  /** The unknown resource that leaves `path` in doubt; undefined when something later settles it. */
  doubtAbout(path: string): { readonly from: string } | undefined {
    const place = this.#place(path)
    const doubt = this.#doubts.findLast((each) => each.path === place)
    return doubt !== undefined && (this.path(path)?.at ?? -1) < doubt.at ? this.#found(doubt) : undefined
  }

  /** The unknown resource that leaves it in doubt who can change the directories above a path: what is put there later does not settle that. */
  doubtAbove(spelled: string): { readonly from: string } | undefined {
    const place = this.#place(spelled)
    const isSettled = (dir: string, since: number) =>
      this.#laid.some((effect) => effect.type === 'path' && effect.path === dir && effect.at >= since)
    return this.#found(this.#doubts.findLast(({ path: dir, at }) => place.startsWith(`${dir}/`) && !isSettled(dir, at)))
  }

  /**
   * Runs `question` and also tells which pending resources its answer rests on, and which of them must be made and seen before
   * anything is done upon it: those of which it is not written down exactly what they leave.
   */
  consult<T>(question: () => T): {
    readonly answer: T
    readonly dependsOn: readonly string[]
    readonly mustConfirm: readonly string[]
  } {
    this.#consulted = new Set()
    this.#awaited = new Set()
    const answer = question()
    return { answer, dependsOn: [...this.#consulted], mustConfirm: [...this.#awaited] }
  }

  get empty(): boolean {
    return this.#laid.length === 0 && this.#doubts.length === 0 && this.#unitDoubts.length === 0
  }

  /** What `path` will be, with where that comes from; undefined when nothing pending touches it. */
  path(spelled: string): { readonly state: PathState; readonly from: string; readonly at: number } | undefined {
    const path = this.#place(spelled)
    let below: Recorded<Extract<Effect, { type: 'path' }>> | undefined
    for (const effect of this.#newestFirst('path')) {
      const state = afterwards(path, effect)
      if (state === undefined) continue
      // That something will stand below a directory says nothing of its mode: what made the directory does.
      if (state.type === 'dir' && effect.path !== path) {
        below ??= effect
        continue
      }
      if (below !== undefined && state.type !== 'dir') break
      return this.#found({ state, from: effect.from, at: below?.at ?? effect.at }, isExact(effect.state))
    }
    return below && this.#found({ state: { type: 'dir' }, from: below.from, at: below.at }, isExact(below.state))
  }

  /** The first path in a command line that a pending change touches, or leaves in doubt. */
  namedIn(command: string): { readonly path: string; readonly from: string } | undefined {
    for (const [path] of command.matchAll(/(?<![\w.])\/[\w@%+=:,./-]*[\w@%+=-]/g)) {
      const pending = this.path(path) ?? this.doubtAbout(path)
      if (pending !== undefined) return { path, from: pending.from }
    }
    return undefined
  }

  /** A directory above `path` that will come with things in it which nobody wrote down; `path` may be one of them. */
  filled(spelled: string): { readonly from: string; readonly at: number } | undefined {
    const path = this.#place(spelled)
    return this.#found(
      this.#newestFirst('path').find(
        ({ state, path: dir }) => state.type === 'dir' && state.filled === true && path.startsWith(`${dir}/`),
      ),
    )
  }

  /** Packages that will come in, with where that comes from. */
  packages(): readonly Coming[] {
    return this.coming().map((each) => this.#found(each))
  }

  /** The same, and none of them is taken as consulted. */
  coming(): readonly Coming[] {
    const seen = new Set<string>()
    const coming: Coming[] = []
    for (const effect of this.#newestFirst('package')) {
      if (!seen.has(effect.name) && effect.installed) {
        const { name, from, at, kept = false, asIs = false } = effect
        coming.push({ name, from, at, kept, asIs })
      }
      seen.add(effect.name)
    }
    return coming
  }

  /** Packages that will be removed. None of them is taken as consulted. */
  going(): ReadonlySet<string> {
    const last = new Map(
      this.#newestFirst('package')
        .reverse()
        .map(({ name, installed }) => [name, installed] as const),
    )
    return new Set([...last].flatMap(([name, installed]) => (installed ? [] : [name])))
  }

  package(name: string): { readonly installed: boolean; readonly from: string } | undefined {
    return this.#found(this.#newestFirst('package').find((effect) => effect.name === name))
  }

  /** A pending change that configures every package whose installation was interrupted. */
  configured(): { readonly from: string } | undefined {
    return this.#found(this.#newestFirst('packages')[0])
  }

  /** A pending change that makes systemd read its unit files anew. */
  reloaded(): { readonly from: string; readonly at: number } | undefined {
    return this.#found(this.#newestFirst('units')[0], true)
  }

  /** A pending reboot: what came before it needs no restart any more. */
  booted(): { readonly from: string; readonly at: number } | undefined {
    return this.#found(this.#newestFirst('boot')[0], true)
  }

  /** The last thing from this turn on whose effects reach further than anybody wrote down. */
  opaqueSince(turn: number): { readonly from: string } | undefined {
    return this.#found(this.#laid.findLast(({ type, at }) => at >= turn && (type === 'anything' || type === 'package')))
  }

  /** How far it has come: what is laid from now on has a higher number. */
  get turn(): number {
    return this.#laid.length
  }

  /** What is mounted and unmounted before this turn, in order. */
  mountsBefore(turn: number): readonly Extract<Effect, { type: 'mount' }>[] {
    return this.#laid.flatMap((effect) => (effect.type === 'mount' && effect.at < turn ? [effect] : []))
  }

  /** Whatever may have done anything before this turn: a command, a package. */
  opaqueBefore(turn: number): string | undefined {
    return this.#laid.find(({ type, at }) => at < turn && (type === 'anything' || type === 'package'))?.from
  }

  /** What a validation in this turn would find made. */
  overlayState(turn: number): OverlayState {
    const before = this.#laid.filter(({ at }) => at < turn)
    const others = before.filter(({ type }) => type !== 'path' && type !== 'units' && type !== 'packages')
    return {
      paths: before.flatMap((effect) => (effect.type === 'path' ? [[effect.path, effect.state] as const] : [])),
      placeholders: others.some(({ type }) => type === 'package'),
      complete: others.length === 0 && this.#doubts.length === 0 && this.#unitDoubts.length === 0,
    }
  }

  account(type: 'user' | 'group', name: string): Pending<UserEntry> | undefined {
    return this.#found(
      this.#newestFirst(type).find((effect) => effect.name === name),
      true,
    )
  }

  /** Every user, or group, that something pending makes, changes or removes, as it will be at last. None of them is taken as consulted. */
  accounts(type: 'user' | 'group'): readonly Pending<UserEntry>[] {
    return [
      ...new Map(
        this.#laid.flatMap((effect) => (effect.type === type ? [[effect.name, effect] as const] : [])),
      ).values(),
    ]
  }

  /** Every path below a directory that something pending touches, each as it will be at last. */
  below(dir: string): readonly { readonly path: string; readonly state: PathState; readonly from: string }[] {
    const touched = new Set(
      this.#laid.flatMap((each) => (each.type === 'path' && each.path.startsWith(`${dir}/`) ? [each.path] : [])),
    )
    return [...touched].flatMap((path) => {
      const found = this.path(path)
      return found === undefined ? [] : [{ path, ...found }]
    })
  }

  unit(name: string): { readonly running: boolean; readonly from: string } | undefined {
    return this.#found(this.#newestFirst('unit').find((effect) => effect.name === name))
  }

  /** How the files of a unit will be, by any of its names. */
  unitFile(
    ...names: readonly string[]
  ): { readonly state: Extract<Effect, { type: 'unit-file' }>['state']; readonly from: string } | undefined {
    return this.#found(this.#newestFirst('unit-file').find(({ name }) => names.includes(name)))
  }

  /** The unit that a name will lead to, or led to before. */
  unitAlias(name: string): { readonly of: string; readonly exists: boolean; readonly from: string } | undefined {
    return this.#found(this.#newestFirst('unit-alias').find((each) => each.name === name))
  }

  /** A unit that will be enabled, and nobody knows under which names. */
  unitAliases(): { readonly of: string; readonly from: string } | undefined {
    return this.#found(this.#newestFirst('unit-alias').find(({ name }) => name === undefined))
  }

  /** What will start, restart or stop a unit. */
  moved(name: string): { readonly from: string; readonly at: number } | undefined {
    return this.#found(this.#newestFirst('unit').find((effect) => effect.name === name && effect.stays !== true))
  }

  /** The unknown resource that may start or stop a unit. */
  unitDoubt(name: string): { readonly from: string } | undefined {
    return this.#found(this.#unitDoubts.findLast(({ unit }) => unit === name))
  }

  /** Whatever makes programs run: commands, packages, units, what is Docker's; with `files`, any change of a path too. */
  busy(files: boolean): { readonly from: string } | undefined {
    const rests: readonly Effect['type'][] = files ? ['user', 'group'] : ['path', 'mount', 'user', 'group']
    const doubt = files ? this.#doubts.at(-1) : undefined
    return this.#found(
      this.#laid.findLast((effect) => !rests.includes(effect.type) && !isOwnMark(effect)) ??
        this.#unitDoubts.at(-1) ??
        doubt,
    )
  }

  /** What will be there of Docker's: an image by its name, a container, a compose project. */
  docker(
    type: 'image' | 'container' | 'project',
    name: string,
  ): { readonly exists: boolean; readonly from: string } | undefined {
    const same = type === 'image' ? imageIdentity : (each: string) => each
    const found = this.#newestFirst(type).find((effect) => same(effect.name) === same(name))
    // Whoever brings a project up waits until it is.
    return this.#found(found, type === 'project')
  }

  /** What will be there, or gone, of what a program of the host keeps. */
  object(of: string, name: string): { readonly exists: boolean; readonly from: string } | undefined {
    return this.#found(this.#newestFirst('object').find((effect) => effect.of === of && effect.name === name))
  }

  /** Something whose effects reach further than anybody wrote down: a package's scripts, a command of the user's. */
  opaque(): { readonly from: string } | undefined {
    return this.#found(this.#laid.findLast((effect) => effect.type === 'anything' || effect.type === 'package'))
  }

  /** A command of the user's own, which may do anything; not what a package brings. */
  command(): { readonly from: string } | undefined {
    return this.#found(this.#laid.findLast((effect) => effect.type === 'anything'))
  }

  /** `exact`: it is written down what there will be, so that nobody has to see it first. */
  #found<T extends { readonly from: string } | undefined>(found: T, exact = false): T {
    if (found) this.#consulted.add(found.from)
    if (found && !exact) this.#awaited.add(found.from)
    return found
  }

  #newestFirst<A extends Effect['type']>(type: A): Recorded<Extract<Effect, { type: A }>>[] {
    return this.#laid
      .filter((effect): effect is Recorded<Extract<Effect, { type: A }>> => effect.type === type)
      .reverse()
  }
}
