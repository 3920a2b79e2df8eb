import { RolecallError } from '../../errors.ts'
import { openProjectInventory } from '../../playbook/load/inventory.ts'
import { didYouMean } from '../../text/nearest.ts'
import { hostHistory } from './host-history.ts'

/**
 * Refuses a host that is neither in the project's inventory nor in an earlier run, because its name must be misspelt. If the inventory cannot be read,
 * any name is accepted.
 */
export async function refuseUnknownHost(host: string, directory: string): Promise<void> {
  if (hostHistory(host, directory).length > 0) return
  const names = await inventoryNames()
  if (names === undefined || names.includes(host)) return
  throw new RolecallError({
    code: 'usage',
    message: `no run here changed "${host}", and the inventory has no such host`,
    expected: 'the name of one host',
    got: host,
    hint: didYouMean(host, names) ?? 'rolecall list hosts lists the hosts, rolecall runs the runs',
  })
}

async function inventoryNames(): Promise<readonly string[] | undefined> {
  try {
    const { hosts } = await openProjectInventory('inventory', { extra: [] })
    return hosts.map(({ name }) => name)
  } catch (error) {
    if (error instanceof RolecallError) return undefined
    throw error
  }
}
