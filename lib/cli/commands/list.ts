import { Command, Option } from 'commander'
import { RolecallError, type Problem } from '../../errors.ts'
import type { Connection } from '../../inventory/connections/connection.ts'
import type { Host, Inventory } from '../../inventory/inventory.ts'
import type { Note } from '../../inventory/graph/notes.ts'
import { examples } from '../help/examples.ts'
import { printNotes } from '../notes.ts'
import { print, printSortedJson } from '../print.ts'
import { pathsOf, selectionOf, withInventory, withSelection, type RunFlags } from '../run-options.ts'
import { printList } from '../table.ts'
import { listUnusedCommand } from './list-unused.ts'

/** `rolecall list hosts|groups|roles|units` */
export function listCommand(): Command {
  return new Command('list')
    .summary('hosts, groups, roles, units, or unused variables')
    .description('Lists parts of the project without touching a host.')
    .addHelpText(
      'after',
      examples(
        ['rolecall list hosts', 'every host of the inventory'],
        ['rolecall list hosts --json', 'with groups and variables, as ansible-inventory --list prints them'],
        ['rolecall list groups --tree', 'groups and the groups in them'],
        ['rolecall list hosts site -l dns', 'the hosts of a playbook that are in group dns'],
        ['rolecall list roles site', 'the roles of a playbook, with descriptions'],
        ['rolecall list units site', 'each role with its host, in order'],
        ['rolecall list unused site', 'variables that no role of a playbook reads'],
      ),
    )
    .addCommand(hosts())
    .addCommand(groups())
    .addCommand(roles())
    .addCommand(units())
    .addCommand(listUnusedCommand(inventoryOf))
}

function hosts(): Command {
  return withSelection(new Command('hosts'))
    .description('Hosts with their addresses and groups: those of a playbook, or of the whole inventory.')
    .argument('[playbook]', 'a name in playbooks/, or a path')
    .addOption(asListing())
    .option('--tree', 'the groups as a tree with the hosts in them')
    .action(async (playbook: string | undefined, flags: ListFlags) => {
      const { inventory, hosts: chosen } = await chosenHosts(playbook, flags)
      if (flags.json === true || flags.tree === true) return await printWhole(inventory, chosen, flags)
      const rows = chosen.map((host) => ({
        host: host.name,
        address: addressOf(host),
        groups: host.groups.filter((name) => name !== 'all'),
      }))
      printList(rows, false, inventory.hosts.length === 0 ? 'The inventory has no hosts.' : 'There is no such host.')
    })
}

function groups(): Command {
  return withInventory(new Command('groups'))
    .description('Groups of the inventory with their hosts.')
    .argument('[playbook]', 'has no effect: groups belong to the inventory')
    .addOption(asListing())
    .option('--tree', 'the groups as a tree with the hosts in them')
    .action(async (_: string | undefined, flags: ListFlags) => {
      const inventory = await inventoryOf(flags)
      if (flags.json === true || flags.tree === true) return await printWhole(inventory, inventory.hosts, flags)
      const all = [...inventory.groups.values()].filter((group) => group.hosts.length > 0)
      const rows = all.map((group) => ({ group: group.name, hosts: group.hosts.map((host) => host.name) }))
      printList(rows, false, 'The inventory has no groups.')
    })
}

function asListing(): Option {
  return new Option('--json', 'hosts, groups and variables in the shape of ansible-inventory --list').conflicts('tree')
}

type ListFlags = RunFlags & { readonly tree?: boolean }

async function printWhole(inventory: Inventory, chosen: readonly Host[], flags: ListFlags): Promise<void> {
  const { groupTree, listing } = await import('../../inventory/patterns/listing.ts')
  if (flags.tree === true) print(groupTree(inventory, chosen))
  else printSortedJson(listing(inventory, chosen))
}

function roles(): Command {
  return new Command('roles')
    .description('Roles of a playbook with descriptions, or the files in roles/.')
    .argument('[playbook]', 'a name in playbooks/, or a path')
    .option('--json', 'the same as data')
    .action(async (name: string | undefined, flags: RunFlags) => {
      const { knownRoleNames, loadPlaybook } = await import('../../playbook/load/load.ts')
      if (name === undefined) {
        const rows = knownRoleNames(process.cwd()).map((role) => ({ role }))
        return printList(rows, flags.json === true, 'There is no file in roles/.')
      }
      const { playbook } = await loadPlaybook(name)
      const used = playbook.plays.flatMap((play) => play.roles.map((one) => (one.type === 'use' ? one.role : one)))
      const rows = [...new Map(used.map((role) => [role.name, role])).values()].map(({ name: role, tags, about }) => ({
        role,
        tags,
        about: about ?? '',
      }))
      printList(rows, flags.json === true, `Playbook ${playbook.name} has no roles.`)
    })
}

function units(): Command {
  return withSelection(new Command('units'))
    .description('Units of work: each role with its host, in order.')
    .argument('<playbook>', 'a name in playbooks/, or a path')
    .option('--json', 'the same as data')
    .action(async (playbook: string, flags: RunFlags) => {
      const rows = (await unitsOfPlaybook(playbook, flags)).units.map(({ play, host, role }) => ({
        play: play.name,
        host: host.name,
        role: role.name,
      }))
      printList(rows, flags.json === true, 'Nothing would run.')
    })
}

async function inventoryOf(flags: RunFlags, playbookFile?: string): Promise<Inventory> {
  const [{ openProjectInventory }, { withSecrets }, { secretsOf }] = await Promise.all([
    import('../../playbook/load/inventory.ts'),
    import('../../vault/repository-secrets.ts'),
    import('../vault/vault-options.ts'),
  ])
  const { inventory, extra = [] } = flags
  const unopened = new Map<string, Note>()
  const onUnopened = (problems: readonly Problem[]) => {
    for (const { message, place, hint = '' } of problems)
      unopened.set(`${place?.file ?? ''} ${message}`, {
        message: `${message}; the host is left out here`,
        hint,
        ...(place === undefined ? {} : { place }),
      })
  }
  const secrets = await secretsOf(flags, { configPrograms: false, onUnopened })
  const options = { extra, secrets, once: {}, ...(playbookFile === undefined ? {} : { playbookFile }) }
  const opened = await withSecrets(secrets, () => openProjectInventory(pathsOf(inventory), options))
  secrets.settle()
  printNotes([...opened.notes, ...unopened.values()])
  return opened
}

interface Chosen {
  readonly inventory: Inventory
  readonly hosts: readonly Host[]
}

async function chosenHosts(playbook: string | undefined, flags: RunFlags): Promise<Chosen> {
  if (playbook !== undefined) {
    const { inventory, units: all } = await unitsOfPlaybook(playbook, flags)
    return { inventory, hosts: [...new Set(all.map(({ host }) => host))] }
  }
  const inventory = await inventoryOf(flags)
  if (flags.limit === undefined) return { inventory, hosts: inventory.hosts }
  const { selectLimit } = await import('../../inventory/patterns/limit.ts')
  return { inventory, hosts: selectLimit(inventory, flags.limit) }
}

async function unitsOfPlaybook(name: string, flags: RunFlags) {
  const [{ loadPlaybook }, { unitsOf }] = await Promise.all([
    import('../../playbook/load/load.ts'),
    import('../../runner/units/units.ts'),
  ])
  const { playbook, file } = await loadPlaybook(name)
  const inventory = await inventoryOf(flags, file)
  return { inventory, units: unitsOf(playbook, inventory, selectionOf(flags)) }
}

/** The address of a host; a host with invalid connection variables is listed too. */
function addressOf(host: Host): string {
  try {
    return addressIn(host.connection)
  } catch (error) {
    if (error instanceof RolecallError) return '(unknown)'
    throw error
  }
}

function addressIn(connection: Connection): string {
  if (connection.kind === 'local') return '(local)'
  if (connection.kind !== 'ssh') return `(${connection.kind} ${connection.container})`
  const address = connection.address.includes(':') ? `[${connection.address}]` : connection.address
  const { port = 22 } = connection
  return port === 22 ? address : `${address}:${port}`
}
