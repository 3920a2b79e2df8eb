import { EarlierChanges } from '../../converge/earlier-changes.ts'
import type { ConvergeContext } from '../../converge/ensure.ts'
import { thrownProblem } from '../../converge/context/thrown.ts'
import { RolecallError } from '../../errors.ts'
import type { Host as InventoryHost } from '../../inventory/inventory.ts'
import type { Resource } from '../../resources/kit/kind.ts'
import type { ActionPlace } from '../../converge/context/role-actions.ts'
import { applyRole } from './role/apply-role.ts'
import { performByHand } from '../by-hand/hand-work.ts'
import type { HostSession } from '../hosts/pool.ts'
import { withFailedStarts, reportFailedStarts } from './report-failed-starts.ts'
import type { Unit } from './units.ts'
import { partOf } from './role/part.ts'
import { roleHost, siteOf } from './role/site.ts'
import { verifyRole } from './role/verify-role.ts'
import { placeOfRole } from '../../playbook/role.ts'
import type { UnitContext } from '../hosts/unit-context.ts'

/** Runs one role on one host. Throws a RolecallError with all problems. */
export async function runUnit(unit: Unit, session: HostSession, context: UnitContext): Promise<void> {
  const { host, role } = unit
  const others = new Set<HostSession>()
  try {
    await runRole(unit, session, context, others)
  } catch (error) {
    if (!(error instanceof RolecallError)) context.signal.throwIfAborted()
    const { uid } = session.host.facts
    const about = { host: host.name, role: role.name, uid, roleAt: () => placeOfRole(role) }
    const failure = error instanceof RolecallError ? error : new RolecallError(thrownProblem(error, about))
    throw await withFailedStarts(failure, session, context)
  }
  const toLookAt = context.isLastOnHost?.(unit) === false ? [...others] : [session, ...others]
  const problems = await Promise.all(toLookAt.map((each) => reportFailedStarts(each, context)))
  if (problems.flat().length > 0) throw new RolecallError(problems.flat())
}

/** Runs the role's `apply` or `verify`, or the work by hand in its place. `others` gets the other hosts that the role reaches. */
async function runRole(
  unit: Unit,
  session: HostSession,
  context: UnitContext,
  others: Set<HostSession>,
): Promise<void> {
  const { host: target, role, vars, parts, isGate } = unit
  const { emit, mode, signal, byHand } = context
  const common = {
    vars,
    host: roleHost(target, session.host.facts, role.name),
    site: siteOf(context),
    part: partOf(role, parts),
    note: (message: string) => emit({ type: 'note', host: target.name, role: role.name, message, at: Date.now() }),
  }
  const machine = role.user === undefined ? session.host : await session.host.as(role.user)
  if (byHand !== undefined) return await performByHand(byHand, machine, { emit, signal })
  if (mode === 'verify' || isGate === true) return await verifyRole(role, common, machine, context)

  const changes = mode === 'apply' ? context.touched?.changesOf(unit) : undefined
  const contextOn = convergeContextOf(unit, mode, context)
  const elsewhere = async (other: InventoryHost): Promise<ActionPlace> => {
    const there = other.name === target.name ? session : await context.session(other)
    if (there !== session) others.add(there)
    return { convergeContext: contextOn(there, there.host, changes?.keptOn(other.name)), inTurn: there.inTurn }
  }
  const asked = (host: string, resources: readonly Resource[]) => changes?.asked(host, resources)
  const own = contextOn(session, machine, changes?.keptOn(target.name))
  await applyRole(unit, common, own, { ...context, elsewhere, asked, inTurn: session.inTurn })
}

/**
 * Makes the context of `ensure` on a host. A role with its own user has a connection that cannot be reopened. Recovery roles undo earlier changes on
 * purpose, so they get an empty record of these.
 */
function convergeContextOf(
  { role: { name: role }, isRecovery }: Unit,
  mode: ConvergeContext['mode'],
  { emit, signal, until, observer }: UnitContext,
): (session: HostSession, machine: HostSession['host'], rollback: string | undefined) => ConvergeContext {
  return ({ host, prediction, earlier, started, reconnect }, machine, rollback) => ({
    host: machine,
    role,
    mode,
    prediction,
    earlier: isRecovery === true ? new EarlierChanges() : earlier,
    started,
    emit,
    signal,
    ...(until === undefined ? {} : { until }),
    ...(observer === undefined ? {} : { observer }),
    ...(rollback === undefined ? {} : { rollback }),
    ...(reconnect === undefined || machine !== host ? {} : { reconnect }),
  })
}
