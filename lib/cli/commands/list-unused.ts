import { Command } from 'commander'
import { placeText } from '../../report/problem.ts'
import { pathsOf, withInventory, type RunFlags } from '../run-options.ts'
import { printList } from '../table.ts'

/** `rolecall list unused [PLAYBOOK]` */
export function listUnusedCommand(): Command {
  return withInventory(new Command('unused'))
    .description(
      'Variables of the inventory that no role of the playbook reads, or of all playbooks in playbooks/ without one, and no\n' +
        'template of what they read. They cost nothing and may be there for Ansible.',
    )
    .argument('[playbook]', 'a name in playbooks/, or a path')
    .option('--json', 'the same as data')
    .action(async (name: string | undefined, { inventory, extra = [], json = false }: RunFlags) => {
      const [{ loadPlaybook, playbookNames }, { openProjectInventory }, { unreadVariables }] = await Promise.all([
        import('../../playbook/load/load.ts'),
        import('../../playbook/load/inventory.ts'),
        import('../../playbook/unread.ts'),
      ])
      const names = name === undefined ? playbookNames(process.cwd()) : [name]
      const loaded = await Promise.all(names.map((each) => loadPlaybook(each)))
      const file = name === undefined ? undefined : loaded[0]?.file
      const opened = await openProjectInventory(pathsOf(inventory), {
        extra,
        ...(file === undefined ? {} : { playbookFile: file }),
      })
      const unread = unreadVariables(
        opened,
        loaded.map(({ playbook }) => playbook),
      )
      const rows = unread.map(({ name: variable, level, place }) => ({ variable, level, place: placeText(place) }))
      printList(rows, json, 'Every variable is read.')
    })
}
