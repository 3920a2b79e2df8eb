import { Command } from 'commander'
import type { Host } from '../../inventory/inventory.ts'
import { examples } from '../examples.ts'
import { withInventory, withSelection, type RunFlags } from '../run-options.ts'
import { printList } from '../table.ts'

/** `rolecall list hosts|groups|roles|units` */
export function listCommand(): Command {
  return new Command('list')
    .summary('what there is: hosts, groups, roles, units')
    .description('Says what there is, without touching a host.')
    .addHelpText(
      'after',
      examples(
        ['rolecall list hosts', 'every host of the inventory'],
        ['rolecall list hosts site -l dns', 'the hosts that a playbook means, narrowed'],
        ['rolecall list roles site', 'the roles of a playbook, in words'],
        ['rolecall list units site', 'which role runs where, in order'],
      ),
    )
    .addCommand(hosts())
    .addCommand(groups())
    .addCommand(roles())
    .addCommand(units())
}

function hosts(): Command {
  return withSelection(new Command('hosts'))
    .description('Hosts with their addresses and groups: those of a playbook, or of the whole inventory.')
    .argument('[playbook]', 'a name in playbooks/, or a path')
    .option('--json', 'the same as data')
    .action(async (playbook: string | undefined, flags: RunFlags) => {
      const chosen = playbook === undefined ? await hostsOfInventory(flags) : await hostsOfPlaybook(playbook, flags)
      const rows = chosen.map((host) => ({
        host: host.name,
        address: addressOf(host),
        groups: host.groups.filter((name) => name !== 'all'),
      }))
      printList(rows, flags.json === true, 'There is no such host.')
    })
}

function groups(): Command {
  return withInventory(new Command('groups'))
    .description('Groups of the inventory with their hosts.')
    .argument('[playbook]', 'taken for symmetry; groups are the inventory’s')
    .option('--json', 'the same as data')
    .action(async (_: string | undefined, flags: RunFlags) => {
      const all = [...(await inventoryOf(flags)).groups.values()].filter((group) => group.hosts.length > 0)
      const rows = all.map((group) => ({ group: group.name, hosts: group.hosts.map((host) => host.name) }))
      printList(rows, flags.json === true, 'The inventory has no groups.')
    })
}

function roles(): Command {
  return new Command('roles')
    .description('Roles: those of a playbook with what they are for, or the files in roles/.')
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
    .description('Units of work: which role runs on which host, in order.')
    .argument('<playbook>', 'a name in playbooks/, or a path')
    .option('--json', 'the same as data')
    .action(async (playbook: string, flags: RunFlags) => {
      const rows = (await unitsOfPlaybook(playbook, flags)).map(({ play, host, role }) => ({
        play: play.name,
        host: host.name,
        role: role.name,
      }))
      printList(rows, flags.json === true, 'Nothing would run.')
    })
}

async function inventoryOf({ inventory, extra = [] }: RunFlags) {
  const { loadInventory } = await import('../../inventory/load.ts')
  return loadInventory(inventory, { extra })
}

async function hostsOfInventory(flags: RunFlags): Promise<readonly Host[]> {
  const inventory = await inventoryOf(flags)
  if (flags.limit === undefined) return inventory.hosts
  const { selectHosts } = await import('../../inventory/select.ts')
  return selectHosts(inventory, flags.limit, { file: '--limit' })
}

async function hostsOfPlaybook(playbook: string, flags: RunFlags): Promise<readonly Host[]> {
  return [...new Set((await unitsOfPlaybook(playbook, flags)).map(({ host }) => host))]
}

async function unitsOfPlaybook(name: string, flags: RunFlags) {
  const [{ loadPlaybook }, { unitsOf }] = await Promise.all([
    import('../../playbook/load/load.ts'),
    import('../../runner/units/units.ts'),
  ])
  const { playbook } = await loadPlaybook(name)
  const { limit, role, tags } = flags
  const selection = {
    ...(limit === undefined ? {} : { limit }),
    ...(role === undefined ? {} : { roles: role }),
    ...(tags === undefined ? {} : { tags }),
  }
  return unitsOf(playbook, await inventoryOf(flags), selection)
}

function addressOf({ connection }: Host): string {
  if (connection.kind === 'local') return '(local)'
  if (connection.kind !== 'ssh') return `(${connection.kind} ${connection.container})`
  const address = connection.address.includes(':') ? `[${connection.address}]` : connection.address
  const { port = 22 } = connection
  return port === 22 ? address : `${address}:${port}`
}
