import { Consultation, type Consulted } from './consultation.ts'
import type { Effect, PlaceEffect, EffectOf, PendingChange } from './effect.ts'
import { EffectLog } from './effect-log.ts'
import type { OverlayState } from './overlay.ts'
import { PendingAccounts } from './pending-accounts.ts'
import { PendingObjects } from './pending-objects.ts'
import { PendingPackages } from './pending-packages.ts'
import { PendingPaths } from './pending-paths.ts'
import { PendingUnits } from './pending-units.ts'
import { Repeats } from './repeats.ts'

export type { Effect, GroupEntry, MountContent, PathState, UserEntry } from './effect.ts'

/**
 * The state that pending steps on one host will bring. In check mode it grows through the whole run; in apply mode it holds what the current `ensure`
 * has planned and not yet done.
 *
 * The engine records the effects of each planned resource. In `predict`, a later kind asks `paths`, `packages`, `accounts`, `units` and `objects`
 * what will be there, and from which resource (`from`). Each look-up is recorded, so that the engine knows what a plan depends on. Methods that begin
 * with `peek` are not recorded.
 */
export class Prediction {
  readonly #log = new EffectLog()
  readonly #consultation = new Consultation()
  readonly paths: PendingPaths = new PendingPaths(this.#log, this.#consultation)
  readonly packages: PendingPackages = new PendingPackages(this.#log, this.#consultation)
  readonly accounts: PendingAccounts = new PendingAccounts(this.#log, this.#consultation)
  readonly units: PendingUnits = new PendingUnits(this.#log, this.#consultation)
  readonly objects: PendingObjects = new PendingObjects(this.#log, this.#consultation)
  /**
   * The wanted state of each pending resource.
   *
   * @internal
   */
  readonly repeats = new Repeats()

  get empty(): boolean {
    return this.#log.isEmpty
  }

  /**
   * The number of the next effect: anything recorded from now on has this number or a higher one.
   *
   * @internal
   */
  get turn(): number {
    return this.#log.turn
  }

  /** Records the effects of a resource's pending steps. */
  record(from: string, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'doubt') {
        this.#log.addDoubt(from, 'path', this.paths.resolve(effect.path), true)
        continue
      }
      const hasPath = effect.type === 'path' || effect.type === 'mount'
      this.#log.add(from, hasPath ? { ...effect, path: this.paths.resolve(effect.path) } : effect)
    }
  }

  /**
   * Records the possible effects of a resource that is itself unknown: its paths, units and packages are in doubt. If it has a package or undeclared
   * effects, it may change anything.
   *
   * @internal
   */
  doubt(from: string, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'path' || effect.type === 'doubt')
        this.#log.addDoubt(from, 'path', this.paths.resolve(effect.path))
      if (effect.type === 'unit' || effect.type === 'package') this.#log.addDoubt(from, effect.type, effect.name)
      // It is unknown whether the file system is mounted, and so what is below.
      if (effect.type === 'mount')
        this.record(from, [effect.holds === 'same' ? effect : { ...effect, holds: undefined }])
    }
    if (effects.some(isOpaque)) this.record(from, [{ type: 'anything' }])
  }

  /**
   * Removes everything recorded from a turn on, because a resource was refused then.
   *
   * @internal
   */
  rewind(turn: number): void {
    this.repeats.rewind(turn)
    this.#log.rewind(turn)
  }

  /**
   * Runs `question`, and returns the pending resources that its answer depends on.
   *
   * @internal
   */
  consult<Answer>(question: () => Answer): Consulted<Answer> {
    return this.#consultation.run(question)
  }

  /**
   * Whether a resource has pending effects from a turn on.
   *
   * @internal
   */
  changesSince(from: string, turn: number): boolean {
    return this.#log.since(turn).some((effect) => effect.from === from)
  }

  /** A pending change with undeclared effects: a package, whose scripts run, or a command of the user's. */
  opaque(): { readonly from: string } | undefined {
    return this.#consultation.note(this.#log.last(OPAQUE))
  }

  /** A pending change that may bring undeclared things: an installed package, or a command of the user. Removing packages brings nothing. */
  bringer(): { readonly from: string } | undefined {
    return this.#consultation.note(this.#log.last(OPAQUE, mayBring))
  }

  /** The last change with undeclared effects from a turn on. */
  opaqueSince(turn: number): { readonly from: string } | undefined {
    return this.#consultation.note(this.#log.last(OPAQUE, (effect) => effect.turn >= turn))
  }

  /**
   * The id of the first such change before a turn.
   *
   * @internal
   */
  opaqueBefore(turn: number): string | undefined {
    return this.#log.before(turn).find(isOpaque)?.from
  }

  /**
   * Whether a change before a turn may bring a program: a package, a command, an executable or unpacked file, or an unknown change.
   *
   * @internal
   */
  mayBringPrograms(turn: number): boolean {
    return this.#log.hasDoubts || this.#log.before(turn).some(mayBringPrograms)
  }

  /** A pending command of the user's, which may do anything. */
  command(): { readonly from: string } | undefined {
    return this.#consultation.note(this.#log.ofType('anything').at(-1))
  }

  /** A pending reboot. Changes before it need no restart any more. */
  reboot(): PendingChange | undefined {
    return this.#consultation.note(this.#log.ofType('boot').at(-1), true)
  }

  /**
   * A pending change that makes programs run: a command, a package, a unit, a container.
   *
   * @param filesToo also any change of a path, since a program that runs may read it
   */
  activity(filesToo: boolean): { readonly from: string } | undefined {
    const idle: readonly Effect['type'][] = filesToo
      ? ['user', 'group']
      : ['path', 'mount', 'attributes', 'user', 'group']
    return this.#consultation.note(
      this.#log.lastBut(idle, (effect) => !isWaitMark(effect)) ??
        this.#log.lastDoubt('unit') ??
        (filesToo ? this.#log.lastDoubt('path') : undefined),
    )
  }

  /**
   * Mounts and unmounts before a turn, in order.
   *
   * @internal
   */
  mountsBefore(turn: number): readonly EffectOf<'mount'>[] {
    return this.#log.ofType('mount').filter((effect) => effect.turn < turn)
  }

  /**
   * Mounts, unmounts, locks and unlocks before a turn.
   *
   * @internal
   */
  placesBefore(turn: number): readonly PlaceEffect[] {
    const isBefore = (effect: PendingChange) => effect.turn < turn
    const places = [...this.#log.ofType('mount'), ...this.#log.ofType('attributes')].filter(isBefore)
    return places.sort((one, other) => one.turn - other.turn)
  }

  /**
   * The state that a validator in this turn should find on the host.
   *
   * @internal
   */
  overlayState(turn: number): OverlayState {
    const before = this.#log.before(turn)
    const others = before.filter(({ type }) => type !== 'path' && type !== 'units' && type !== 'packages')
    return {
      paths: before.flatMap((effect) => (effect.type === 'path' ? [[effect.path, effect.state] as const] : [])),
      placeholders: others.some(({ type }) => type === 'package'),
      complete: others.length === 0 && !this.#log.hasDoubts,
    }
  }
}

/** The types of changes with undeclared effects. */
const OPAQUE = ['anything', 'package'] as const

function isOpaque({ type }: Effect): boolean {
  return OPAQUE.some((each) => each === type)
}

function mayBring(effect: Effect): boolean {
  return effect.type === 'anything' || (effect.type === 'package' && effect.installed && effect.asIs !== true)
}

function mayBringPrograms(effect: Effect): boolean {
  if (effect.type !== 'path') return mayBring(effect) || effect.type === 'mount'
  const { state } = effect
  if (state.type === 'file') return state.mode === undefined || (Number.parseInt(state.mode, 8) & 0o111) !== 0
  return state.type === 'link' || (state.type === 'dir' && state.filled === true)
}

/** Whether the path is internal to `waitFor`: no program reads it. */
function isWaitMark(effect: Effect): boolean {
  return effect.type === 'path' && effect.path.startsWith('/run/rolecall/')
}
