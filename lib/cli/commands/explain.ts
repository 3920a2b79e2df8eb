import { Command } from 'commander'
import { examples } from '../help/examples.ts'
import { print } from '../print.ts'
import { pathsOf, withInventory, type RunFlags } from '../run-options.ts'

/** `rolecall explain ROLE.VARIABLE HOST [PLAYBOOK]` */
export function explainCommand(): Command {
  return withInventory(new Command('explain'))
    .summary('where the value of a variable on a host comes from')
    .description('Prints the value that a variable has on a host, and every level that sets it with its file and line.')
    .argument(
      '<variable>',
      'role.variable, a variable of the inventory such as nginx_port, or a connection variable such as ansible_user',
    )
    .argument('<host>', 'a host of the inventory')
    .argument('[playbook]', 'the playbook that uses the role; needed only with several playbooks')
    .addHelpText(
      'after',
      `${examples(
        ['rolecall explain dns-server.forwarders node-01', 'with the only playbook'],
        ['rolecall explain dns-server.listen node-01 site -e dns-server.listen=10.0.0.1', 'what would win'],
        ['rolecall explain nginx_port node-01', 'a variable of the inventory, and the roles that read it'],
        ['rolecall explain ansible_user node-01', 'how a host is reached'],
      )}\n\nThe levels, the lowest first: role default, group (parents before children),\nhost, playbook, -e.`,
    )
    .action(async (variable: string, host: string, playbook: string | undefined, flags: RunFlags) => {
      const [{ explained }, { withSecrets }, { secretsOf }] = await Promise.all([
        import('./explained.ts'),
        import('../../vault/repository-secrets.ts'),
        import('../vault/vault-options.ts'),
      ])
      const secrets = await secretsOf(flags)
      const from = { inventory: pathsOf(flags.inventory), extra: flags.extra ?? [], secrets }
      const lines = await withSecrets(secrets, () => explained(variable, host, playbook, from))
      print(lines)
    })
}
