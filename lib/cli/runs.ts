import { Command } from 'commander'
import { examples } from './examples.ts'

interface RunsFlags {
  readonly json?: boolean
  readonly all?: boolean
}

/** `rolecall runs` */
export function runsCommand(): Command {
  return new Command('runs')
    .summary('the runs there were, and how they ended')
    .description(
      'Lists the journalled runs of this project, the latest last: how they ended, what was left, and how to go on.',
    )
    .option('--all', 'also those before the last 20')
    .option('--json', 'the same as data')
    .addHelpText('after', examples(['rolecall runs', 'the last 20']))
    .action(async ({ json = false, all = false }: RunsFlags) => {
      const [{ journalledRun }, { JOURNALS, pastRuns }, { printList }] = await Promise.all([
        import('./journalled.ts'),
        import('../runner/past.ts'),
        import('./table.ts'),
      ])
      const rows = pastRuns(JOURNALS, all ? Infinity : 20).map(journalledRun)
      printList(rows, json, 'There has been no run here yet.')
    })
}
