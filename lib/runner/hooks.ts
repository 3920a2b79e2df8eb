import { RolecallError, type Problem } from '../errors.ts'
import type { RunEvent, SummaryEvent, UnitEnd } from '../events.ts'
import { shown } from '../gate/gate.ts'
import { placeOfError } from '../place.ts'
import type { HookPlay, HookRun, Hooks } from '../playbook/hooks.ts'
import { runWatched, type RoleWatch } from '../resources/kit/role-watch.ts'
import { thrownWords } from '../text/error-message.ts'
import { orInterrupted } from './order/interrupted.ts'
import type { Unit } from './order/unit.ts'

type HookName = Exclude<keyof Hooks, 'modes'>

/** What is left of a play, or of a play on one host. */
interface Remaining {
  left: number
  begun: boolean
  end: UnitEnd
}

/** Calls the hooks of a playbook as its units begin and end. */
export class RunHooks {
  readonly #hooks: Hooks
  readonly #run: HookRun
  /** Problems of hooks that nobody listens to yet. */
  readonly #unreported: Problem[] = []
  #emit: ((event: RunEvent) => void) | undefined
  readonly #called = new Map<string, Promise<readonly Problem[]>>()
  readonly #plays = new Map<string, { readonly about: HookPlay; readonly failed: Set<string> } & Remaining>()
  readonly #hosts = new Map<string, Remaining>()
  readonly #problems: Problem[] = []

  constructor(hooks: Hooks | undefined, run: HookRun, units: readonly Unit[]) {
    this.#hooks = (hooks?.modes ?? ['apply']).includes(run.mode) ? (hooks ?? {}) : {}
    this.#run = run
    for (const { play, host } of units) {
      const known = this.#plays.get(play.name)
      const hosts = [...new Set([...(known?.about.hosts ?? []), host.name])]
      const about = { ...run, play: play.name, hosts }
      const failed = new Set<string>()
      this.#plays.set(play.name, { about, failed, left: (known?.left ?? 0) + 1, begun: false, end: 'done' })
      const key = hostKey(play.name, host.name)
      this.#hosts.set(key, { left: (this.#hosts.get(key)?.left ?? 0) + 1, begun: false, end: 'done' })
    }
  }

  /** Reports the problems of hooks: those so far, and each later one. */
  reportTo(emit: (event: RunEvent) => void): void {
    this.#emit = emit
    this.#report(this.#unreported.splice(0))
  }

  /** Keeps errors for `afterRun`, masked: a hook may post them to a chat, and output of a host may hold a secret. */
  seen(event: RunEvent): void {
    if (event.type === 'problem') this.#problems.push(shown(event.problem))
  }

  /** Throws a RolecallError if a hook stops the run before it begins. */
  async beforeRun(): Promise<void> {
    const problems = await this.#call('beforeRun', () => this.#hooks.beforeRun?.(this.#run))
    if (problems.length > 0) throw new RolecallError(problems)
  }

  /** Runs a unit between the hooks of its play and its host. `onRefused` is called instead when one of these has thrown. */
  async around(unit: Unit, run: () => Promise<UnitEnd>, onRefused: () => void): Promise<UnitEnd> {
    const play = this.#plays.get(unit.play.name)
    const host = this.#hosts.get(hostKey(unit.play.name, unit.host.name))
    if (play === undefined || host === undefined || unit.isRecovery === true) return await run()
    const about = { ...play.about, host: unit.host.name }
    const refused = [
      ...(await this.#once(`play ${about.play}`, 'beforePlay', () => this.#hooks.beforePlay?.(play.about))),
    ]
    if (refused.length === 0) {
      const key = `host ${hostKey(about.play, about.host)}`
      refused.push(...(await this.#once(key, 'beforeHost', () => this.#hooks.beforeHost?.(about))))
      play.begun = host.begun = true
    }
    if (refused.length > 0) this.#report(refused.map((problem) => ({ host: unit.host.name, ...problem })))
    const end = refused.length === 0 ? await run() : 'failed'
    if (refused.length > 0) onRefused()
    host.end = end
    await this.over(unit, end)
    return end
  }

  /** Records that a unit has ended, or will not begin. */
  async over(unit: Unit, end: UnitEnd): Promise<void> {
    const play = this.#plays.get(unit.play.name)
    const host = this.#hosts.get(hostKey(unit.play.name, unit.host.name))
    if (play === undefined || host === undefined || unit.isRecovery === true) return
    if (end !== 'done') play.failed.add(unit.host.name)
    if (--host.left === 0 && host.begun) {
      const about = { ...play.about, host: unit.host.name, end: host.end }
      const problems = await this.#call('afterHost', () => this.#hooks.afterHost?.(about))
      this.#report(problems.map((problem) => ({ host: unit.host.name, ...problem })))
    }
    if (--play.left > 0 || !play.begun) return
    const about = { ...play.about, failed: [...play.failed] }
    this.#report(await this.#call('afterPlay', () => this.#hooks.afterPlay?.(about)))
  }

  async afterRun({ ok, hosts: counts }: SummaryEvent): Promise<void> {
    const about = { ...this.#run, ok, counts, problems: this.#problems }
    this.#report(await this.#call('afterRun', () => this.#hooks.afterRun?.(about)))
  }

  #once(key: string, name: HookName, hook: () => unknown): Promise<readonly Problem[]> {
    const called = this.#called.get(key) ?? this.#call(name, hook)
    this.#called.set(key, called)
    return called
  }

  async #call(name: HookName, hook: () => unknown): Promise<readonly Problem[]> {
    try {
      await orInterrupted(
        runWatched(this.#watch(name), async () => {
          await hook()
        }),
        this.#run.signal,
      )
      return []
    } catch (error) {
      if (this.#run.signal.aborted && error === this.#run.signal.reason) return [leftAlone(name)]
      return problemsOf(name, error)
    }
  }

  /** Reports an error that a hook leaves unhandled, such as one in a timer, as a failure of the hook. */
  #watch(name: HookName): RoleWatch {
    return { resourceMade: () => undefined, rejected: (error) => this.#report(problemsOf(name, error)) }
  }

  #report(problems: readonly Problem[]): void {
    if (this.#emit === undefined) this.#unreported.push(...problems)
    else for (const problem of problems) this.#emit({ type: 'problem', problem, at: Date.now() })
  }
}

function hostKey(play: string, host: string): string {
  return JSON.stringify([play, host])
}

function leftAlone(name: HookName): Problem {
  return {
    code: 'cancelled',
    message: `the hook ${name} did not end after the run was interrupted, so the run ended without it`,
    hint: 'pass the signal of its argument to what it waits for, so that Ctrl-C ends that too',
  }
}

function problemsOf(name: HookName, error: unknown): readonly Problem[] {
  const place = placeOfError(error)
  const where = place === undefined ? {} : { place }
  if (error instanceof RolecallError) return error.problems.map((problem) => ({ ...where, ...problem }))
  const before = name.startsWith('before')
  return [
    {
      code: 'role-threw',
      message: `the hook ${name} ${thrownWords(error).said}`,
      ...where,
      hint: before
        ? 'nothing after it has begun: correct the hook or what it calls, then run again'
        : 'what the roles did is done: correct the hook, or do by hand what it should have done',
    },
  ]
}
