import type { Mode } from '../events.ts'
import type { RunOptions } from '../runner/run.ts'
import { exitCodeOf } from './exit-codes.ts'
import { untilInterrupted } from './interrupt.ts'
import type { RunFlags } from './run-options.ts'

/** What check, apply and verify do: load the playbook, run it, tell it, and say with the exit code how it ended. */
export function perform(mode: Mode, playbook: string, flags: RunFlags): Promise<void> {
  const { inventory, limit, role, tags, extra } = flags
  return carryOut(
    playbook,
    {
      mode,
      inventory,
      ...(limit === undefined ? {} : { limit }),
      ...(role === undefined ? {} : { roles: role }),
      ...(tags === undefined ? {} : { tags }),
      ...(extra === undefined ? {} : { extra }),
    },
    flags,
  )
}

/** How a run is done and told, whatever is run. */
export type Manner = Pick<
  RunFlags,
  'concurrency' | 'wait' | 'diff' | 'json' | 'verbose' | 'acceptNewHostKeys' | 'exitCode'
>

export async function carryOut(playbookName: string, what: RunOptions, flags: Manner): Promise<void> {
  const [{ knownRoleNames, loadPlaybook }, { run }, { hasLiveView, report }] = await Promise.all([
    import('../playbook/load.ts'),
    import('../runner/run.ts'),
    import('../report/report.ts'),
  ])
  // A live view says so itself: lines in between would break it.
  const signal = untilInterrupted((line) => {
    if (!hasLiveView(flags)) process.stderr.write(`\n${line}\n`)
  })
  const { playbook, digest } = await loadPlaybook(playbookName)
  const { concurrency, wait, acceptNewHostKeys, json = false, diff = false, verbose = false, exitCode = false } = flags
  const events = run(playbook, {
    ...what,
    source: { name: playbookName, digest },
    knownRoles: knownRoleNames(process.cwd()),
    signal,
    ...(wait === undefined ? {} : { wait }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(acceptNewHostKeys === undefined ? {} : { acceptNewHostKeys }),
  })
  const ending = await report(events, { json, diff, verbose, signal })
  process.exitCode = exitCodeOf(ending, { interrupted: signal.aborted, changesCount: exitCode })
}
