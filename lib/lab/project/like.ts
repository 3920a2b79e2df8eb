import type { Host, Inventory } from '../../inventory/inventory.ts'
import { loadInventory } from '../../inventory/load.ts'
import { labError } from '../model.ts'
import type { FamilyName } from '../family.ts'
import { labProblems } from './check.ts'
import type { LabHost } from './types.ts'
import { RolecallError } from '../../errors.ts'

/** Names of variables that usually hold a host's distribution, alone or below a role's name. */
const variables = ['ansible_os_family', 'os_family', 'ansible_distribution', 'distribution', 'os']
/** Names of the Red Hat family's distributions, as values of such variables or as groups. */
const redHat = /^(red ?hat|rhel|el\d*|centos|rocky|alma(linux)?|fedora|oracle(linux)?)\b/i

/**
 * The hosts of a lab with the names and groups of an inventory. The family is read from a variable or a group, where
 * there is one.
 *
 * @throws {RolecallError} when the inventory cannot be read, or a host's name is not allowed in a lab.
 */
export function hostsLike(inventoryPath: string): Readonly<Record<string, LabHost>> {
  const inventory = loadInventory(inventoryPath)
  if (inventory.hosts.length > 250)
    throw labError(`${inventoryPath} has too many hosts for one lab`, {
      expected: 'at most 250',
      got: String(inventory.hosts.length),
    })
  const hosts = Object.fromEntries(inventory.hosts.map((host) => [host.name, hostLike(host, inventory)]))
  const problems = labProblems({ hosts })
  if (problems.length > 0)
    throw new RolecallError(problems.map((problem) => ({ ...problem, place: { file: inventoryPath } })))
  return hosts
}

function hostLike(host: Host, inventory: Inventory): LabHost {
  const family = familyOf(host)
  const groups = host.groups.filter((group) => group !== 'all' && group !== 'ungrouped' && inventory.groups.has(group))
  return { groups, ...(family === undefined ? {} : { family }) }
}

function familyOf({ layers, groups }: Host): FamilyName | undefined {
  for (const layer of layers.toReversed())
    for (const { name, value } of layer.levels.values())
      if (variables.includes(name.split('.').at(-1) ?? '') && typeof value === 'string')
        return redHat.test(value) ? 'el' : 'debian'
  return groups.some((group) => redHat.test(group.replaceAll('_', ' '))) ? 'el' : undefined
}
