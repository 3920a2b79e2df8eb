import { Command } from 'commander'
import { JOURNALS } from '../../runner/journal/journal-directory.ts'
import { RolecallError } from '../../errors.ts'
import { didYouMean } from '../../text/nearest.ts'
import { examples } from '../help/examples.ts'

/** `rolecall history HOST` */
export function historyCommand(): Command {
  return new Command('history')
    .summary('the changes and failures on a host, with times')
    .description(
      'Lists the changes that apply made on a host, its failures, and when it was unreachable, the latest last.',
    )
    .argument('<host>', 'the name of a host in the inventory')
    .option('--since <moment>', 'only since then: tue, yesterday, 3d, 12h, 2026-11-25')
    .option('--json', 'the same as data')
    .addHelpText(
      'after',
      examples(
        ['rolecall history node-01', 'everything in the journal'],
        ['rolecall history node-01 --since tue', 'since Tuesday'],
      ),
    )
    .action(async (host: string, { since, json = false }: { readonly since?: string; readonly json?: boolean }) => {
      const [{ hostHistory, sinceOf }, { tellUnreadable }, { print, printJson }] = await Promise.all([
        import('../history/host-history.ts'),
        import('../history/told-journals.ts'),
        import('../print.ts'),
      ])
      const now = new Date()
      const from = since === undefined ? 0 : sinceOf(since, now)
      const near = didYouMean(since ?? '', ['today', 'yesterday'])
      if (from === undefined)
        throw new RolecallError({
          code: 'usage',
          message: `--since ${since ?? ''} is not a time`,
          expected: 'a day of the week, today, yesterday, 3d, 12h, 30m, or a date such as 2026-11-25',
          hint: near ?? 'write --since yesterday, or --since 7d for the last week',
        })
      if (from > now.getTime())
        throw new RolecallError({
          code: 'usage',
          message: `--since ${since ?? ''} is in the future`,
          expected: 'a time in the past',
          hint: `it is ${now.toLocaleDateString('sv-SE')} here; write --since yesterday, or --since 7d for the last week`,
        })
      const moments = hostHistory(host, JOURNALS, from, (run) => tellUnreadable([run], 'is missing here'))
      if (moments.length === 0) {
        const { refuseUnknownHost } = await import('../history/known-host.ts')
        await refuseUnknownHost(host, JOURNALS)
      }
      if (json) printJson(moments)
      else if (moments.length === 0)
        process.stderr.write(
          `No run ${since === undefined ? 'here' : `since ${since}`} changed ${host} or failed on it: rolecall runs lists all runs.\n`,
        )
      else
        print(
          moments.map(
            ({ at, run, what, text }) =>
              `${new Date(at).toLocaleString('sv-SE')}  ${run.slice(-4)}  ${what.padEnd(11)}  ${text}`,
          ),
        )
    })
}
