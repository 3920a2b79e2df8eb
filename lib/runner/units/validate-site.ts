import { Refusal, type Problem } from '../../errors.ts'
import type { Host, Inventory } from '../../inventory/inventory.ts'
import type { JudgedHost, Objection } from '../../playbook/context.ts'
import type { Playbook } from '../../playbook/playbook.ts'
import type { AnyRole } from '../../playbook/role.ts'
import type { Vars } from '../../playbook/vars.ts'
import type { Unit } from './units.ts'
import { variablesInPlaybook } from './variables.ts'

/** What the roles of these units have against the site as a whole. Pure; hosts whose variables are wrong are left out. */
export function objections(units: readonly Unit[], playbook: Playbook, inventory: Inventory): Problem[] {
  const everyone = inventory.hosts.map(known)
  return [...new Set(units.map(({ role }) => role))].flatMap((role) => {
    if (role.judge === undefined) return []
    const hosts = inventory.hosts.flatMap((host): JudgedHost<Vars>[] => {
      const found = variablesInPlaybook(playbook, inventory, host, role)
      return found !== undefined && 'vars' in found ? [{ ...known(host), vars: found.vars }] : []
    })
    const touched = new Set(units.filter((unit) => unit.role === role).map(({ host }) => host.name))
    return role
      .judge({ hosts, everyone })
      .filter((objection) => objection.hosts.some((name) => touched.has(name)))
      .map((objection) => problemOf(objection, role))
  })
}

function known(host: Host) {
  const { groups, name } = host
  return { name, address: addressOf(host), groups }
}

/** A host that cannot be reached is one of the site all the same. */
function addressOf(host: Host): string {
  try {
    return host.connection.kind === 'ssh' ? host.connection.address : host.name
  } catch (error) {
    if (error instanceof Refusal) return host.name
    throw error
  }
}

function problemOf({ hosts, ...said }: Objection, role: AnyRole): Problem {
  const [host] = hosts
  return { code: 'vars', role: role.name, ...said, ...(hosts.length === 1 && host !== undefined ? { host } : {}) }
}
