import { dirname, resolve } from 'node:path'
import type { Inventory } from '../../inventory/inventory.ts'
import { openInventory } from '../../inventory/sources/open.ts'
import type { OpenOptions } from '../../inventory/sources/open.ts'
import { isTypedInventory } from '../../inventory/sources/typed.ts'

/** Options of an inventory besides its paths. */
interface ProjectInventoryOptions extends Omit<OpenOptions, 'importModule' | 'beside'> {
  /** The file of the playbook, whose `group_vars` and `host_vars` override the project's. */
  readonly playbookFile?: string
  readonly cwd?: string
}

/**
 * Opens the inventory of a project. `group_vars` and `host_vars` are read beside the inventory, in the project's directory and beside the playbook,
 * and an inventory in TypeScript is loaded like a playbook.
 *
 * Throws a RolecallError with every problem.
 *
 * @example
 * const inventory = await openProjectInventory('inventory', { playbookFile: 'playbooks/site.ts' })
 */
export async function openProjectInventory(
  path: string | readonly string[],
  { playbookFile, cwd = process.cwd(), ...options }: ProjectInventoryOptions = {},
): Promise<Inventory> {
  const beside = ['.', ...(playbookFile === undefined ? [] : [dirname(playbookFile)])]
  return await openInventory(path, {
    ...options,
    beside,
    importModule: async (file) => {
      const { loadModule } = await import('./load.ts')
      const { exported, run } = await loadModule(resolve(cwd, file), cwd, `the inventory ${file}`)
      const value =
        typeof exported === 'object' && exported !== null && 'default' in exported ? exported.default : undefined
      return isTypedInventory(value) ? { ...value, data: () => run(async () => await value.data()) } : value
    },
  })
}
