import { Consultation, type Consulted } from './consultation.ts'
import type { Effect } from './effect.ts'
import { EffectLog, type PlaceEffect, type EffectOf, type PendingChange } from './effect-log.ts'
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
 * The engine records the effects of each planned resource. A later kind asks in its `predict`: `paths`, `packages`, `accounts`, `units` and `objects`
 * answer what will be there, and from which resource (`from`). Each answer is noted, so that the engine knows what a plan depends on. Methods that
 * begin with `peek` are not noted.
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
   * What is wanted of each pending resource.
   *
   * @internal
   */
  readonly repeats = new Repeats()

  get empty(): boolean {
    return this.#log.isEmpty
  }

  /**
   * The number of the next effect: what is recorded from now on has this number or a higher one.
   *
   * @internal
   */
  get turn(): number {
    return this.#log.turn
  }

  /** Records what the pending steps of a resource will bring. */
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
   * Records what a resource may bring that is itself unknown: its paths, units and packages are in doubt. Where it has a package or undeclared effects, it may
   * change anything.
   *
   * @internal
   */
  doubt(from: string, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'path' || effect.type === 'doubt')
        this.#log.addDoubt(from, 'path', this.paths.resolve(effect.path))
      if (effect.type === 'unit' || effect.type === 'package') this.#log.addDoubt(from, effect.type, effect.name)
      // Whether it is mounted or not nobody knows, and so neither what is below.
      if (effect.type === 'mount')
        this.record(from, [effect.holds === 'same' ? effect : { ...effect, holds: undefined }])
    }
    if (effects.some(isOpaque)) this.record(from, [{ type: 'anything' }])
  }

  /**
   * Forgets what was recorded from a turn on, because a resource was refused then.
   *
   * @internal
   */
  rewind(turn: number): void {
    this.repeats.rewind(turn)
    this.#log.rewind(turn)
  }

  /**
   * Runs `question`, and tells which pending resources its answer depends on.
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
    return this.#log.effects.slice(turn).some((effect) => effect.from === from)
  }

  /** A pending change with undeclared effects: a package, whose scripts run, or a command of the user's. */
  opaque(): { readonly from: string } | undefined {
    return this.#consultation.note(this.#log.effects.findLast(isOpaque))
  }

  /** A pending change that may bring what nobody declares: a package that comes, or a command of the user's. What only takes packages away brings nothing. */
  bringer(): { readonly from: string } | undefined {
    return this.#consultation.note(this.#log.effects.findLast(mayBring))
  }

  /** The last change with undeclared effects from a turn on. */
  opaqueSince(turn: number): { readonly from: string } | undefined {
    return this.#consultation.note(this.#log.effects.slice(turn).findLast(isOpaque))
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
   * Whether a change before a turn may bring a program: a package, a command, something executable or unpacked, or nobody knows what.
   *
   * @internal
   */
  mayBringPrograms(turn: number): boolean {
    return this.#log.hasDoubts || this.#log.before(turn).some(mayBringPrograms)
  }

  /** A pending command of the user's, which may do anything. */
  command(): { readonly from: string } | undefined {
    return this.#consultation.note(this.#log.newestFirst('anything')[0])
  }

  /** A pending reboot. What came before it needs no restart any more. */
  reboot(): PendingChange | undefined {
    return this.#consultation.note(this.#log.newestFirst('boot')[0], true)
  }

  /**
   * A pending change that makes programs run: a command, a package, a unit, a container.
   *
   * @param filesToo any change of a path, too: a program that runs may read it
   */
  activity(filesToo: boolean): { readonly from: string } | undefined {
    const idle: readonly Effect['type'][] = filesToo
      ? ['user', 'group']
      : ['path', 'mount', 'attributes', 'user', 'group']
    return this.#consultation.note(
      this.#log.effects.findLast((effect) => !idle.includes(effect.type) && !isWaitMark(effect)) ??
        this.#log.lastDoubt('unit') ??
        (filesToo ? this.#log.lastDoubt('path') : undefined),
    )
  }

  /**
   * What is mounted and unmounted before a turn, in order.
   *
   * @internal
   */
  mountsBefore(turn: number): readonly EffectOf<'mount'>[] {
    return this.#log.before(turn).filter((effect) => effect.type === 'mount')
  }

  /**
   * What is mounted, unmounted, locked and unlocked before a turn.
   *
   * @internal
   */
  placesBefore(turn: number): readonly PlaceEffect[] {
    return this.#log.before(turn).filter((effect) => effect.type === 'mount' || effect.type === 'attributes')
  }

  /**
   * What a validator in this turn should find on the host.
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

/** Whether a change has effects that nobody declares. */
function isOpaque({ type }: Effect): boolean {
  return type === 'anything' || type === 'package'
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

/** Whether the path is one that `waitFor` keeps for itself: no program reads it. */
function isWaitMark(effect: Effect): boolean {
  return effect.type === 'path' && effect.path.startsWith('/run/rolecall/')
}
