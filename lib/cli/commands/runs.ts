import { JOURNALS } from '../../runner/journal/journal-directory.ts'
import { Command, InvalidArgumentError } from 'commander'
import { RolecallError } from '../../errors.ts'
import { examples } from '../help/examples.ts'

interface RunsFlags {
  readonly json?: boolean
  readonly all?: boolean
}

/** `rolecall runs` */
export function runsCommand(): Command {
  return new Command('runs')
    .summary('past runs: how they ended, and what they did')
    .description(
      'Lists the recorded runs of this project, the latest last: how they ended, what was left, and how to continue.',
    )
    .option('--all', 'all, not only the last 20')
    .option('--json', 'the same as data')
    .addHelpText(
      'after',
      examples(
        ['rolecall runs', 'the last 20'],
        ['rolecall runs show', 'details of the last one'],
        ['rolecall runs show 20261125-104103-9c41', 'details of this one'],
        ['rolecall runs prune --days 30', 'keeps the last 30 days'],
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
    .summary('details of a run')
    .description('Shows a past run: the user, the changes, the output of its steps, and the failures.')
    .argument('[run]', 'the id of a run or its last characters (default: the last run)')
    .option('--json', 'its events, one a line')
    .option('-v, --verbose', 'also connections, and the duration of each change')
    .addHelpText(
      'after',
      examples(['rolecall runs show', 'the last one'], ['rolecall runs show 9c41', 'the one whose id ends with 9c41']),
    )
    .action(
      async (
        run: string | undefined,
        flags: { readonly json?: boolean; readonly verbose?: boolean },
        command: Command,
      ) => {
        const [{ recordedRun }, { tellDoubts }, { printJson }] = await Promise.all([
          import('../../runner/journal/journal-events.ts'),
          import('../history/told-journals.ts'),
          import('../print.ts'),
        ])
        refuseOfParent(command, ['all'])
        const recorded = recordedRun(run)
        tellDoubts(recorded)
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
      'Removes journals that are older than 90 days. Keeps the last 20 runs and the journals that `rolecall resume` needs.',
    )
    .option('--days <number>', 'keep runs of this many days', wholeNumber, 90)
    .option('--keep <number>', 'keep this many runs, however old', wholeNumber, 20)
    .option('--check', 'only show what would be removed')
    .addHelpText(
      'after',
      examples(
        ['rolecall runs prune --check', 'shows what would be removed'],
        ['rolecall runs prune --days 30', 'keeps the last 30 days'],
      ),
    )
    .action(
      async (
        {
          days,
          keep,
          check = false,
        }: {
          readonly days: number
          readonly keep: number
          readonly check?: boolean
        },
        command: Command,
      ) => {
        refuseOfParent(command, ['all', 'json'])
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

/** `runs prune --json`: commander gives an option of `runs` to `runs`, also after a subcommand, where it would have no effect. */
function refuseOfParent(command: Command, names: readonly (keyof RunsFlags)[]): void {
  const given = command.optsWithGlobals<RunsFlags>()
  const name = names.find((each) => given[each] === true)
  if (name === undefined) return
  const message = `unknown option '--${name}'`
  const words = `rolecall runs ${command.name()}`
  const hint = `--${name} is an option of other commands: ${words} --help shows those of this one`
  throw new RolecallError({ code: 'usage', message, hint })
}

function wholeNumber(value: string): number {
  if (!/^\d{1,6}$/.test(value)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(value)
}
