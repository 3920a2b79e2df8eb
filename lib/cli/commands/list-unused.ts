import { Command } from 'commander'
import type { Inventory } from '../../inventory/inventory.ts'
import { placeText } from '../../report/problem.ts'
import { withInventory, type RunFlags } from '../run-options.ts'
import { printList } from '../table.ts'

/** `rolecall list unused [PLAYBOOK]`; `open` opens the inventory the way the other lists do. */
export function listUnusedCommand(open: (flags: RunFlags, playbookFile?: string) => Promise<Inventory>): Command {
  return withInventory(new Command('unused'))
    .description(
      'Variables of the inventory that neither a role of the playbook (default: of all playbooks in playbooks/) nor a template\n' +
        'in a used variable reads. They do no harm, and Ansible may read them.',
    )
    .argument('[playbook]', 'a name in playbooks/, or a path')
    .option('--json', 'the same as data')
    .action(async (name: string | undefined, flags: RunFlags) => {
      const [{ loadPlaybook, playbookNames }, { unreadVariables }] = await Promise.all([
        import('../../playbook/load/load.ts'),
        import('../../playbook/variables/unread.ts'),
      ])
      const names = name === undefined ? playbookNames(process.cwd()) : [name]
      const loaded = await Promise.all(names.map((each) => loadPlaybook(each)))
      const opened = await open(flags, name === undefined ? undefined : loaded[0]?.file)
      const unread = unreadVariables(
        opened,
        loaded.map(({ playbook }) => playbook),
      )
      const rows = unread.map(({ name: variable, level, place }) => ({ variable, level, place: placeText(place) }))
      printList(rows, flags.json === true, 'Every variable is read.')
    })
}
