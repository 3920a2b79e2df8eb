import { JOURNALS } from '../../runner/journal/journal-directory.ts'
import { Command, Option } from 'commander'
import { examples } from '../help/examples.ts'
import type { RunDisplay } from '../execute-run.ts'
import { gather } from '../gather.ts'
import { withExecutionOptions } from '../run-options.ts'
import { withVaultOptions } from '../vault/vault-options.ts'

type ResumeFlags = RunDisplay & { readonly extra?: readonly string[] }

/** `rolecall resume [RUN]` */
export function resumeCommand(): Command {
  return withVaultOptions(withExecutionOptions(new Command('resume')))
    .summary('continue a run that failed or was interrupted')
    .description(
      'Continues a run that failed, was interrupted or crashed, with the same playbook, inventory, hosts, roles and values.\n' +
        'Finished units are only checked; all others run. Files are read in their present state.\n' +
        'Without RUN, the last run with something left is continued.',
    )
    .argument('[run]', 'as `rolecall runs` shows it')
    .addOption(
      new Option(
        '-e, --extra <role.variable=value>',
        'a further value, or a secret of that run, because secrets are not recorded',
      ).argParser(gather),
    )
    .option('-y, --yes', 'answer yes to questions between batches')
    .addHelpText(
      'after',
      examples(
        ['rolecall resume', 'the last run with something left'],
        ['rolecall resume 20261125-104103-9c41', 'this one'],
        ['rolecall resume -e vault.password=...', 'with a secret, which the journal does not have'],
      ),
    )
    .action(async (id: string | undefined, flags: ResumeFlags) => {
      const [{ executeRun }, { lastUnfinished, pastRun }, { listRuns }, { tellUnreadable }] = await Promise.all([
        import('../execute-run.ts'),
        import('../../runner/journal/run-history.ts'),
        import('../../runner/run-index/run-index.ts'),
        import('../history/told-journals.ts'),
      ])
      const lastOne = () => {
        const { runs, unreadable } = listRuns(JOURNALS)
        tellUnreadable(unreadable, 'is not resumed')
        return lastUnfinished(runs)?.run
      }
      const past = pastRun(id ?? lastOne())
      const extra = [...past.request.extra, ...(flags.extra ?? [])]
      await executeRun(past.request.playbook, { ...past.request, extra, resume: past }, flags)
    })
}
