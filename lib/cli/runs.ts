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
    .description('Lists the journalled runs of this project, the latest last, and how they ended.')
    .option('--all', 'also those before the last 20')
    .option('--json', 'the same as data')
    .addHelpText('after', examples(['rolecall runs', 'the last 20']))
    .action(async ({ json = false, all = false }: RunsFlags) => {
      const [{ journalledRuns }, { printList }] = await Promise.all([import('./journalled.ts'), import('./table.ts')])
      printList(journalledRuns('.rolecall/runs', all ? Infinity : 20), json, 'There has been no run here yet.')
    })
}
