import { Command } from 'commander'
import { examples } from '../help/examples.ts'
import { runMode } from '../execute-run.ts'
import { withRunOptions, type RunFlags } from '../run-options.ts'

/** `rolecall check PLAYBOOK` */
export function checkCommand(): Command {
  return withRunOptions(new Command('check'))
    .summary('say what apply would change; changes nothing')
    .description('Says what apply would change on which host, and why. Nothing on any host is changed.')
    .argument('<playbook>', 'a name in playbooks/, such as site, or a path')
    .option('--exit-code', 'end with 3 when something would change')
    .addHelpText(
      'after',
      examples(
        ['rolecall check site', 'every host of playbooks/site.ts'],
        ['rolecall check site --diff -l node-01', 'one host, with what changes inside files'],
        ['rolecall check site --exit-code --json', 'for a nightly job that looks for drift'],
      ),
    )
    .action((playbook: string, flags: RunFlags) => runMode('check', playbook, flags))
}
