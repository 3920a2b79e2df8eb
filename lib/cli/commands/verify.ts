import { Command } from 'commander'
import { examples } from '../help/examples.ts'
import { withRunOptions, type RunFlags } from '../run-options.ts'

/** `rolecall verify PLAYBOOK` */
export function verifyCommand(): Command {
  return withRunOptions(new Command('verify'))
    .summary("see whether what was set up does its work, with the roles' own checks")
    .description(
      'Sees whether what was set up does its work: runs the checks that the roles themselves bring. Changes nothing.',
    )
    .argument('<playbook>', 'a name in playbooks/, such as site, or a path')
    .addHelpText(
      'after',
      examples(
        ['rolecall verify site', 'every host of playbooks/site.ts'],
        ['rolecall verify site --role dns-server', "one role's checks"],
      ),
    )
    .action(async (playbook: string, flags: RunFlags) =>
      (await import('../execute-run.ts')).runMode('verify', playbook, flags),
    )
}
