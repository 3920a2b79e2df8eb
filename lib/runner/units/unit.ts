import type { ConvergeContext } from '../../converge/ensure.ts'
import { thrownProblem } from '../../converge/context/thrown.ts'
import { RolecallError } from '../../errors.ts'
import type { Host as InventoryHost } from '../../inventory/inventory.ts'
import type { RoleHost } from '../../playbook/context.ts'
import { pickByOs } from '../../playbook/pick-by-os.ts'
import { applyRole, type Elsewhere } from './apply-role.ts'
import { performByHand } from '../by-hand/hand-work.ts'
import type { HostSession } from '../hosts/pool.ts'
import type { Unit } from './units.ts'
import { partOf } from './part.ts'
import { addressOf, siteOf } from './site.ts'
import { verifyRole } from './verify-role.ts'
import type { UnitContext } from '../hosts/unit-context.ts'

export type { RoleVars, UnitContext } from '../hosts/unit-context.ts'

/** Runs one role on one host. Throws a RolecallError with all that went wrong. */
export async function runUnit(unit: Unit, member: HostSession, stage: UnitContext): Promise<void> {
  const { host: target, role, vars, parts, isGate } = unit
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
    const everywhere = { role: role.name, mode, emit, signal, ...until, ...watched }
    const ground: ConvergeContext = { ...everywhere, host: machine, prediction, ...again }
    const elsewhere = async (other: InventoryHost): Promise<Elsewhere> => {
      const session = other.name === target.name ? member : await stage.session(other)
      const { host: machine, prediction: pending, reconnect: back, turn } = session
      const there = { ...everywhere, host: machine, prediction: pending }
      return { ground: back === undefined ? there : { ...there, reconnect: back }, turn }
    }
    await applyRole(unit, common, ground, { ...stage, elsewhere, turn: member.turn })
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
