import type { ConvergeContext } from '../../converge/ensure.ts'
import { thrownProblem } from '../../converge/context/thrown.ts'
import { RolecallError, type Problem } from '../../errors.ts'
import type { Mode, RunEvent } from '../../events.ts'
import type { Host as InventoryHost, Inventory } from '../../inventory/inventory.ts'
import { selectHosts } from '../../inventory/patterns/select.ts'
import type { RoleHost, Site, SiteHost, ValuesOf } from '../../playbook/context.ts'
import { pickByOs } from '../../playbook/pick-by-os.ts'
import type { Playbook } from '../../playbook/playbook.ts'
import type { AnyRole } from '../../playbook/role.ts'
import { isSharedShape, type SharedShape } from '../../playbook/variables/shared-shape.ts'
import { sharedFor, useOf, varsFor } from '../../playbook/variables/vars.ts'
import { applyRole } from './apply-role.ts'
import type { RunObserver } from '../plan/observer.ts'
import { performByHand, type HandWork } from '../by-hand/hand-work.ts'
import type { HostSession } from '../hosts/pool.ts'
import type { Unit } from './units.ts'
import { partOf } from './part.ts'
import { variablesInPlaybook } from './variables.ts'
import { verifyRole } from './verify-role.ts'

/** The variables of whatever role it is. */
export type RoleVars = Unit['vars']

/** What a unit needs of its run. */
export interface UnitContext {
  readonly mode: Mode
  readonly inventory: Inventory
  readonly playbook: Playbook
  readonly signal: AbortSignal
  readonly emit: (event: RunEvent) => void
  /** Tells what goes wrong in a role's code after its unit has ended. */
  readonly onLate?: (problem: Problem) => void
  /** Told of each change that a unit makes. */
  readonly onChange?: (unit: Unit) => void
  readonly observer?: RunObserver
  /** Done in place of what roles say. */
  readonly byHand?: HandWork
  /** When the unit must be over: milliseconds since the epoch. */
  readonly until?: number
}

/** Runs one role on one host. Throws a RolecallError with all that went wrong. */
export async function runUnit(
  { host: target, role, vars, parts, isGate }: Unit,
  member: HostSession,
  stage: UnitContext,
): Promise<void> {
  const { emit, mode, signal } = stage
  const host = roleHost(target, member, role.name)
  const common = {
    vars,
    host,
    site: siteOf(stage),
    part: partOf(role, parts),
    note: (message: string) => emit({ type: 'note', host: target.name, role: role.name, message, at: Date.now() }),
  }
  try {
    const { prediction } = member
    const machine = role.user === undefined ? member.host : await member.host.as(role.user)
    if (stage.byHand !== undefined) return await performByHand(stage.byHand, machine, { emit, signal })
    if (mode === 'verify' || isGate === true) return await verifyRole(role, common, machine, stage)
    const until = stage.until === undefined ? {} : { until: stage.until }
    const { reconnect } = member
    const again = reconnect === undefined || machine !== member.host ? {} : { reconnect }
    const watched = stage.observer === undefined ? {} : { observer: stage.observer }
    const ground: ConvergeContext = {
      host: machine,
      role: role.name,
      mode,
      prediction,
      emit,
      signal,
      ...until,
      ...watched,
      ...again,
    }
    await applyRole(role, common, ground, stage.onLate)
  } catch (error) {
    if (error instanceof RolecallError) throw error
    signal.throwIfAborted()
    throw new RolecallError(thrownProblem(error, { host: target.name, role: role.name, uid: member.host.facts.uid }))
  }
}

function roleHost(target: InventoryHost, { host }: HostSession, role: string): RoleHost {
  return {
    ...host.facts,
    name: target.name,
    address: addressOf(target) ?? host.facts.addresses[0] ?? '',
    groups: target.groups,
    pick: pickByOs(host.facts, target.name, role),
  }
}

function addressOf(host: InventoryHost): string | undefined {
  return host.connection.kind === 'ssh' ? host.connection.address : undefined
}

function siteOf({ inventory, playbook }: UnitContext): Site {
  const asSiteHost = (host: InventoryHost): SiteHost => ({
    name: host.name,
    address: addressOf(host) ?? host.name,
    groups: host.groups,
    vars<Of extends AnyRole | SharedShape>(of: Of) {
      // Of the whole playbook, not only of what --role and --limit left: a value must not depend on what else is run.
      const found = !isSharedShape(of)
        ? (variablesInPlaybook(playbook, inventory, host, of) ?? varsFor(useOf(of), host))
        : sharedFor(of, host)
      if ('vars' in found) return found.vars as ValuesOf<Of>
      throw new RolecallError(found.problems)
    },
  })
  return {
    hosts(pattern) {
      const isName = /^[\w.-]+$/.test(pattern)
      const group = inventory.groups.get(pattern)
      const isHost = inventory.hosts.some((host) => host.name === pattern)
      if (isName && !isHost && (group === undefined || group.hosts.length === 0)) return []
      return selectHosts(inventory, pattern).map(asSiteHost)
    },
  }
}
