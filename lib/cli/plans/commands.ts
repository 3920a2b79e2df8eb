import { Command, Option } from 'commander'
import { examples } from '../help/examples.ts'
import { outputFile } from '../history/output-file.ts'
import type { ShowFlags } from './show-plan.ts'

/** `rolecall plan show FILE` */
export function planCommand(): Command {
  return new Command('plan')
    .summary('saved plans: the result of a check, for approval')
    .description(
      'Saved plans. rolecall check PLAYBOOK --out FILE saves one, and rolecall apply FILE makes its changes and no others.',
    )
    .addHelpText(
      'after',
      examples(
        ['rolecall check site --out site.plan', 'saves a plan'],
        ['rolecall plan show site.plan', 'shows its changes'],
        ['rolecall apply site.plan', 'makes these changes, and no others'],
      ),
    )
    .addCommand(
      new Command('show')
        .summary('the changes of a plan')
        .description(
          'Shows the changes of a plan, its author, its time, and its cost, even if the plan can no longer be applied.',
        )
        .argument('<file>', 'a file written by rolecall check PLAYBOOK --out FILE')
        .addOption(new Option('--json', 'as data').conflicts(['markdown', 'html']))
        .addOption(new Option('--markdown', 'for a comment on a pull request').conflicts('html'))
        .option('--html [file]', 'as one HTML page; to standard output without a file', outputFile)
        .addHelpText(
          'after',
          examples(
            ['rolecall plan show site.plan', 'for a person'],
            ['rolecall plan show site.plan --markdown', 'for a pull request'],
            ['rolecall plan show site.plan --html plan.html', 'as a searchable page'],
          ),
        )
        .action(async (file: string, flags: ShowFlags) => (await import('./show-plan.ts')).showPlan(file, flags)),
    )
}
