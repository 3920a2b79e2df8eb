import type { Host, Inventory } from '../../inventory/inventory.ts'
import { selectHosts } from '../../inventory/patterns/select.ts'
import type { Playbook } from '../../playbook/playbook.ts'
import type { AnyRole } from '../../playbook/role.ts'
import { useOf, varsFor, type VarsResult } from '../../playbook/variables/vars.ts'

/** A role's variables on a host, from the whole playbook; undefined if no play gives the host this role. */
export function variablesInPlaybook(
  playbook: Playbook,
  inventory: Inventory,
  host: Host,
  role: AnyRole,
): VarsResult | undefined {
  for (const play of playbook.plays) {
    const use = play.roles.map(useOf).find((candidate) => candidate.role.name === role.name)
    if (use === undefined || !selectHosts(inventory, play.hosts).includes(host)) continue
    return varsFor(use, host)
  }
  return undefined
}
