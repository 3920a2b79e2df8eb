import { JOURNALS } from '../../runner/journal/journal-directory.ts'
import { Command, InvalidArgumentError } from 'commander'
import { examples } from '../help/examples.ts'

interface RunsFlags {
  readonly json?: boolean
  readonly all?: boolean
}

/** `rolecall runs` */
export function runsCommand(): Command {
  return new Command('runs')
    .summary('the runs there were, how they ended, and what they did')
    .description(
      'Lists the journalled runs of this project, the latest last: how they ended, what was left, and how to go on.',
    )
    .option('--all', 'also those before the last 20')
    .option('--json', 'the same as data')
    .addHelpText(
      'after',
      examples(
        ['rolecall runs', 'the last 20'],
        ['rolecall runs show', 'all that the last one did'],
        ['rolecall runs show 20261125-104103-9c41', 'all that this one did'],
        ['rolecall runs prune --days 30', 'keeps those of a month'],
      ),
    )
    .action(async ({ json = false, all = false }: RunsFlags) => {
      const { showRuns } = await import('../history/show-runs.ts')
      showRuns({ json, all })
    })
    .addCommand(showCommand())
    .addCommand(pruneCommand())
}

function showCommand(): Command {
  return new Command('show')
    .summary('all that a run did')
    .description('Shows a run again: who asked for it, what it changed, what its steps printed, and what failed.')
    .argument('[run]', 'as `rolecall runs` shows it, or the end of that; default the last one')
    .option('--json', 'its events, one a line')
    .option('-v, --verbose', 'also connections, and how long each change took')
    .addHelpText(
      'after',
      examples(['rolecall runs show', 'the last one'], ['rolecall runs show 9c41', 'the one that ends so']),
    )
    .action(
      async (
        run: string | undefined,
        flags: { readonly json?: boolean; readonly verbose?: boolean },
        command: Command,
      ) => {
        const [{ recordedRun }, { printJson }] = await Promise.all([
          import('../../runner/journal/journal-events.ts'),
          import('../print.ts'),
        ])
        const recorded = recordedRun(run)
        if (command.optsWithGlobals<RunsFlags>().json === true) for (const event of recorded.events) printJson(event)
        else {
          const { showLines, verbosityOf } = await import('../history/show.ts')
          // The events passed the gate when they were recorded; a second pass would escape the colours.
          const lines = showLines(recorded, verbosityOf(flags.verbose === true ? 1 : 0))
          process.stdout.write(lines.map((line) => `${line}\n`).join(''))
        }
      },
    )
}

function pruneCommand(): Command {
  return new Command('prune')
    .summary('remove the journals of old runs')
    .description(
      'Removes journals that are older than 90 days. The last 20 runs are kept, and so is what `rolecall resume` needs.',
    )
    .option('--days <number>', 'keep those of so many days', wholeNumber, 90)
    .option('--keep <number>', 'keep so many of the latest, however old', wholeNumber, 20)
    .option('--check', 'say what would be removed; remove nothing')
    .addHelpText(
      'after',
      examples(['rolecall runs prune --check', 'what would go'], ['rolecall runs prune --days 30', 'a month']),
    )
    .action(
      async ({
        days,
        keep,
        check = false,
      }: {
        readonly days: number
        readonly keep: number
        readonly check?: boolean
      }) => {
        const [{ outdated, removeJournals }, { listRuns }, { print }, { counted }] = await Promise.all([
          import('../history/prune.ts'),
          import('../../runner/run-index/run-index.ts'),
          import('../print.ts'),
          import('../../report/text/words.ts'),
        ])
        const old = outdated(listRuns(JOURNALS).runs, { days, keep, now: Date.now() })
        if (!check) removeJournals(JOURNALS, old)
        print([`${counted(old.length, 'journal')} ${check ? 'would be removed' : 'removed'}`])
      },
    )
}

function wholeNumber(value: string): number {
  if (!/^\d{1,6}$/.test(value)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(value)
}
