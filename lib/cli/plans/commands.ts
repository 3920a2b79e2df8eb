import { Command, Option } from 'commander'
import { examples } from '../help/examples.ts'
import { outputFile } from '../history/output-file.ts'
import type { ShowFlags } from './show-plan.ts'

/** `rolecall plan show FILE` */
export function planCommand(): Command {
  return new Command('plan')
    .summary('saved plans: what a check found, for somebody to approve')
    .description(
      'Saved plans. rolecall check PLAYBOOK --out FILE saves one, and rolecall apply FILE makes its changes and no others.',
    )
    .addHelpText(
      'after',
      examples(
        ['rolecall check site --out site.plan', 'saves a plan'],
        ['rolecall plan show site.plan', 'what it would do'],
        ['rolecall apply site.plan', 'does that, and nothing else'],
      ),
    )
    .addCommand(
      new Command('show')
        .summary('what a plan would do')
        .description(
          'Shows what a plan would do, who made it, when, and what it takes. Also one that cannot be applied any more.',
        )
        .argument('<file>', 'as rolecall check PLAYBOOK --out FILE wrote it')
        .addOption(new Option('--json', 'as data').conflicts(['markdown', 'html']))
        .addOption(new Option('--markdown', 'for a comment on a pull request').conflicts('html'))
        .option('--html [file]', 'as one page; on standard output without a file', outputFile)
        .addHelpText(
          'after',
          examples(
            ['rolecall plan show site.plan', 'for a person'],
            ['rolecall plan show site.plan --markdown', 'for a pull request'],
            ['rolecall plan show site.plan --html plan.html', 'a page with a search'],
          ),
        )
        .action(async (file: string, flags: ShowFlags) => (await import('./show-plan.ts')).showPlan(file, flags)),
    )
}
