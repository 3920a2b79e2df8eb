import { Command } from 'commander'
import { examples } from '../examples.ts'

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
      const [{ journalledRun }, { JOURNALS, readRuns }, { printList }, { shownName }] = await Promise.all([
        import('./recorded-run.ts'),
        import('../../runner/journal/run-history.ts'),
        import('../table.ts'),
        import('../../gate/gate.ts'),
      ])
      const { runs, unreadable } = readRuns(JOURNALS, all ? Infinity : 20)
      printList(runs.map(journalledRun), json, 'There has been no run here yet.')
      for (const { file, why } of unreadable)
        process.stderr.write(`${shownName(file)} is not listed: the journal ${shownName(why)}\n`)
    })
}
