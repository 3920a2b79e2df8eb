import { Command } from 'commander'
import { examples } from '../help/examples.ts'
import { runMode } from '../execute-run.ts'
import { withRunOptions, type RunFlags } from '../run-options.ts'

/** `rolecall apply PLAYBOOK` */
export function applyCommand(): Command {
  return withRunOptions(new Command('apply'))
    .summary('make hosts as the playbook says')
    .description(
      'Makes hosts as the playbook says. What is so already is left alone, so it can be run again at any time,\n' +
        'also after it was interrupted. A host that fails stops there; the others go on.',
    )
    .argument('<playbook>', 'a name in playbooks/, such as site, or a path')
    .addHelpText(
      'after',
      examples(
        ['rolecall apply site', 'every host of playbooks/site.ts'],
        ['rolecall apply site --role dns-server -l node-01', 'one role on one host'],
        ['rolecall apply site -e dns-server.listen=10.10.50.50', 'with a value for this time only'],
      ),
    )
    .action((playbook: string, flags: RunFlags) => runMode('apply', playbook, flags))
}
