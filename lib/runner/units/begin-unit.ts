import { RolecallError, type Problem } from '../../errors.ts'
import type { CaughtFailure, RunEvent, UnitEnd } from '../../events.ts'
import type { HostSession, Pool } from '../hosts/pool.ts'
import { deadlineOf, within } from '../order/deadline.ts'
import { orInterrupted } from '../order/interrupted.ts'
import { named } from './unit-keys.ts'
import { runUnit, type UnitContext } from './unit.ts'
import type { Unit } from './units.ts'

/** Runs a unit and reports its end. Problems on the host are reported, never thrown. */
export async function runOne(unit: Unit, wasFinished: boolean, pool: Pool, context: UnitContext): Promise<UnitEnd> {
  const { mode, signal, observer } = context
  const record = new UnitRecord(unit, context)
  const notBegun = (end: UnitEnd, problems: readonly Problem[]): UnitEnd => {
    for (const problem of problems) record.problem(problem)
    tellEnd(unit, end, 0, context.emit)
    return end
  }

  const refused = observer?.refuseHost?.(unit.host.name) ?? []
  if (refused.length > 0) return notBegun('failed', refused)
  const session = await sessionOrProblems(unit, pool)
  if (Array.isArray(session)) return signal.aborted ? notBegun('cancelled', []) : notBegun('unreachable', session)

  const startedAt = Date.now()
  const { host, role, play } = unit
  record.emit({ type: 'unit', host: host.name, role: role.name, play: play.name, at: startedAt })
  const end = await endOf(unit, session, pool, { ...context, emit: record.emit }, record, startedAt)
  const isDone = end === 'done'
  tellEnd(unit, end, Date.now() - startedAt, record.emit, {
    ...(isDone && wasFinished && record.changedNothing ? { asBefore: true } : {}),
    // An uncaught failure would have ended the unit, so the role caught these.
    ...(isDone && record.failed.length > 0 ? { caught: record.failed } : {}),
    ...(mode === 'verify' && role.verify === undefined ? { unverified: true } : {}),
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

/** Runs the unit until its end, its deadline or an interruption, and reports its problems. */
async function endOf(
  unit: Unit,
  session: HostSession,
  pool: Pool,
  context: UnitContext,
  record: UnitRecord,
  startedAt: number,
): Promise<UnitEnd> {
  const { signal } = context
  const deadline = deadlineOf(unit)
  const until = deadline === undefined ? {} : { until: startedAt + deadline * 1000 }
  try {
    const work = runUnit(unit, session, { ...context, ...until })
    await orInterrupted(within(deadline, unit, session, work), signal, () => pool.abandon())
    return 'done'
  } catch (error) {
    if (signal.aborted) return 'cancelled'
    if (!(error instanceof RolecallError)) throw error
    for (const problem of error.problems) record.failure(problem)
    return error.problems.some(isLoss) ? 'unreachable' : 'failed'
  }
}

/** What a unit has reported so far. */
class UnitRecord {
  /** The resources that failed. */
  readonly failed: CaughtFailure[] = []
  changedNothing = true
  #isOver = false
  readonly #unit: Unit
  readonly #context: Pick<UnitContext, 'emit' | 'onChange'>

  constructor(unit: Unit, context: Pick<UnitContext, 'emit' | 'onChange'>) {
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

  /** Reports a problem that ended the unit. */
  failure(problem: Problem): void {
    const { host, role } = this.#unit
    const placed = { host: host.name, role: role.name, ...problem }
    // A resource that was never probed, such as one with a wrong option, counts as failed like any other.
    const isTold = this.failed.some(({ resource }) => resource === problem.resource)
    if (problem.resource !== undefined && problem.host === undefined && !isTold)
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

/** Reports the end of a unit, including one that did not begin. */
export function tellEnd(
  unit: Unit,
  end: UnitEnd,
  durationMs: number,
  emit: (event: RunEvent) => void,
  more: Pick<Extract<RunEvent, { type: 'unit-end' }>, 'asBefore' | 'unverified' | 'notBegun' | 'caught'> = {},
): void {
  emit({ type: 'unit-end', ...named(unit), end, ...more, durationMs, at: Date.now() })
}
