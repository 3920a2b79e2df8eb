import { Command } from 'commander'
import { examples } from '../help/examples.ts'
import { withRunOptions, type RunFlags } from '../run-options.ts'

/** `rolecall verify PLAYBOOK` */
export function verifyCommand(): Command {
  return withRunOptions(new Command('verify'))
    .summary("run the roles' own checks of what they set up")
    .description(
      'Runs the checks that the roles themselves define, such as whether a service answers. Changes nothing.',
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
