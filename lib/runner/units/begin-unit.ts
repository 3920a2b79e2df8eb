import { RolecallError } from '../../errors.ts'
import type { CaughtFailure, RunEvent, UnitEnd } from '../../events.ts'
import type { HostSession, Pool } from '../hosts/pool.ts'
import { deadlineOf, within } from '../order/deadline.ts'
import { orInterrupted } from '../order/interrupted.ts'
import { named } from './unit-keys.ts'
import { runUnit, type UnitContext } from './unit.ts'
import type { Unit } from './units.ts'

/** Runs a unit and reports its end. Problems on the host are reported, never thrown. */
export async function runOne(
  unit: Unit,
  wasFinished: boolean,
  pool: Pool,
  { emit: tell, ...rest }: UnitContext,
): Promise<UnitEnd> {
  const { host, role, play } = unit
  let isAsBefore = wasFinished
  let isOver = false
  const failed: CaughtFailure[] = []
  const emit = (event: RunEvent) => {
    // A role that was abandoned may still emit events.
    if (isOver) return
    if (event.type === 'resource' && event.status !== 'ok') isAsBefore = false
    if (event.type === 'resource' && event.status === 'failed')
      failed.push({ host: event.host, resource: event.resource })
    if (event.type === 'resource' && event.status === 'changed') rest.onChange?.(unit)
    tell(event)
  }
  const unitContext: UnitContext = { ...rest, emit }
  const { signal } = unitContext
  const refused = unitContext.observer?.refuseHost?.(host.name) ?? []
  if (refused.length > 0) {
    for (const problem of refused) emit({ type: 'problem', problem, at: Date.now() })
    tellEnd(unit, 'failed', 0, emit)
    return 'failed'
  }
  let session: HostSession
  try {
    session = await pool.session(host)
  } catch (error) {
    if (!(error instanceof RolecallError)) throw error
    if (signal.aborted) {
      tellEnd(unit, 'cancelled', 0, emit)
      return 'cancelled'
    }
    for (const problem of error.problems) emit({ type: 'problem', problem, at: Date.now() })
    tellEnd(unit, 'unreachable', 0, emit)
    return 'unreachable'
  }
  const startedAt = Date.now()
  emit({ type: 'unit', host: host.name, role: role.name, play: play.name, at: startedAt })
  let end: UnitEnd = 'done'
  try {
    const deadline = deadlineOf(unit)
    const until = deadline === undefined ? {} : { until: startedAt + deadline * 1000 }
    const work = runUnit(unit, session, { ...unitContext, ...until })
    await orInterrupted(within(deadline, unit, session, work), signal, () => pool.abandon())
  } catch (error) {
    end = signal.aborted ? 'cancelled' : 'failed'
    if (error instanceof RolecallError && !signal.aborted) {
      for (const problem of error.problems) {
        const problemHere = { host: host.name, role: role.name, ...problem }
        // A resource that was never probed, such as one with a wrong option, counts as failed like any other.
        const isTold = failed.some(({ resource }) => resource === problem.resource)
        if (problem.resource !== undefined && problem.host === undefined && !isTold)
          emit(failedResource(unit, problem.resource, problem.message))
        if (problem.code === 'lost' || problem.code === 'answer')
          emit({ type: 'unreachable', host: problemHere.host, problem: problemHere, at: Date.now() })
        emit({ type: 'problem', problem: problemHere, at: Date.now() })
        if (problem.code === 'lost' || problem.code === 'answer') end = 'unreachable'
      }
    } else if (!signal.aborted) throw error
  }
  tellEnd(unit, end, Date.now() - startedAt, emit, {
    ...(isAsBefore && end === 'done' ? { asBefore: true } : {}),
    // An uncaught failure has ended the unit, so these were caught.
    ...(end === 'done' && failed.length > 0 ? { caught: failed } : {}),
    ...(unitContext.mode === 'verify' && role.verify === undefined ? { unverified: true } : {}),
  })
  isOver = true
  return end
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
