import { RolecallError, type Problem } from '../../errors.ts'
import type { CaughtFailure, RunEvent, UnitEnd } from '../../events.ts'
import type { HostSession, Pool } from '../hosts/pool.ts'
import type { UnitContext } from '../hosts/unit-context.ts'
import { deadlineOf, within } from '../order/deadline.ts'
import { orInterrupted } from '../order/interrupted.ts'
import { named } from './unit-keys.ts'
import { runUnit } from './run-unit.ts'
import type { Unit } from './units.ts'

/** Connects to the unit's host, runs the unit, and reports its end. Problems on the host are reported, never thrown. */
export async function executeUnit(
  unit: Unit,
  wasFinished: boolean,
  pool: Pool,
  context: UnitContext,
): Promise<UnitEnd> {
  const { mode, signal, observer } = context
  const record = new UnitRecord(unit, context)
  const notBegun = (end: UnitEnd, problems: readonly Problem[]): UnitEnd => {
    for (const problem of problems) record.problem(problem)
    reportEnd(unit, end, context.emit)
    return end
  }

  const refused = observer?.refuseHost?.(unit.host.name) ?? []
  if (refused.length > 0) return notBegun('failed', refused)
  const session = await sessionOrProblems(unit, pool)
  if (Array.isArray(session)) return signal.aborted ? notBegun('cancelled', []) : notBegun('unreachable', session)

  const startedAt = Date.now()
  record.emit({ type: 'unit', ...named(unit), at: startedAt })
  const end = await record.endOf(runInTime(unit, session, pool, { ...context, emit: record.emit }))
  const isDone = end === 'done'
  reportEnd(unit, end, record.emit, {
    ...(isDone && wasFinished && record.changedNothing ? { asBefore: true } : {}),
    // An uncaught failure would have ended the unit, so the role caught these.
    ...(isDone && record.failed.length > 0 ? { caught: record.failed } : {}),
    ...(mode === 'verify' && unit.role.verify === undefined ? { unverified: true } : {}),
    durationMs: Date.now() - startedAt,
  })
  record.close()
  return end
}

/** A connection to the unit's host, or the problems of reaching the host. */
async function sessionOrProblems({ host }: Unit, pool: Pool): Promise<HostSession | Problem[]> {
  try {
    return await pool.session(host)
  } catch (error) {
    if (error instanceof RolecallError) return [...error.problems]
    throw error
  }
}

/** Runs the unit until its end, its deadline or an interruption. Throws a RolecallError with its problems. */
async function runInTime(unit: Unit, session: HostSession, pool: Pool, context: UnitContext): Promise<void> {
  const deadline = deadlineOf(unit)
  const until = deadline === undefined ? {} : { until: Date.now() + deadline * 1000 }
  const work = runUnit(unit, session, { ...context, ...until })
  await orInterrupted(within(deadline, unit, session, work), context.signal, () => pool.abandon())
}

/** What a unit has reported so far. */
class UnitRecord {
  /** The resources that failed. */
  readonly failed: CaughtFailure[] = []
  changedNothing = true
  #isOver = false
  readonly #unit: Unit
  readonly #context: UnitContext

  constructor(unit: Unit, context: UnitContext) {
    this.#unit = unit
    this.#context = context
  }

  /** Passes an event on. After the end of the unit a role that was abandoned may still emit events: they are dropped. */
  readonly emit = (event: RunEvent): void => {
    if (this.#isOver) return
    if (event.type === 'resource') {
      if (event.status !== 'ok') this.changedNothing = false
      if (event.status === 'failed') this.failed.push({ host: event.host, resource: event.resource })
      if (event.status === 'changed') this.#context.onChange?.(this.#unit)
    }
    this.#context.emit(event)
  }

  problem(problem: Problem): void {
    this.emit({ type: 'problem', problem, at: Date.now() })
  }

  /** Waits for the unit, and reports the problems that ended it. */
  async endOf(work: Promise<void>): Promise<UnitEnd> {
    try {
      await work
      return 'done'
    } catch (error) {
      if (this.#context.signal.aborted) return 'cancelled'
      if (!(error instanceof RolecallError)) throw error
      for (const problem of error.problems) this.#failure(problem)
      return error.problems.some(isLoss) ? 'unreachable' : 'failed'
    }
  }

  #failure(problem: Problem): void {
    const { host, role } = this.#unit
    const placed = { host: host.name, role: role.name, ...problem }
    // A resource that was never probed, such as one with a wrong option, counts as failed like any other.
    const isReported = this.failed.some(({ resource }) => resource === problem.resource)
    if (problem.resource !== undefined && problem.host === undefined && !isReported)
      this.emit(failedResource(this.#unit, problem.resource, problem.message))
    if (isLoss(problem)) this.emit({ type: 'unreachable', host: placed.host, problem: placed, at: Date.now() })
    this.problem(placed)
  }

  close(): void {
    this.#isOver = true
  }
}

/** Whether the connection was lost, or the host's answers could not be understood. */
function isLoss({ code }: Problem): boolean {
  return code === 'lost' || code === 'answer'
}

function failedResource({ host, role }: Unit, resource: string, reason: string): RunEvent {
  const nothing = { steps: [], durationMs: 0, at: Date.now() }
  return { type: 'resource', host: host.name, role: role.name, resource, status: 'failed', reason, ...nothing }
}

type UnitEndEvent = Extract<RunEvent, { type: 'unit-end' }>

/** Reports the end of a unit, including one that did not begin. */
export function reportEnd(
  unit: Unit,
  end: UnitEnd,
  emit: (event: RunEvent) => void,
  {
    durationMs = 0,
    ...remarks
  }: Partial<Pick<UnitEndEvent, 'asBefore' | 'unverified' | 'notBegun' | 'caught' | 'durationMs'>> = {},
): void {
  emit({ type: 'unit-end', ...named(unit), end, ...remarks, durationMs, at: Date.now() })
}
