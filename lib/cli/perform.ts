import type { Mode } from '../events.ts'
import type { RunOptions } from '../runner/run.ts'
import { exitCodeOf } from './exit-codes.ts'
import { untilInterrupted } from './interrupt.ts'
import type { RunFlags } from './run-options.ts'

/** What check, apply and verify do: load the playbook, run it, tell it, and say with the exit code how it ended. */
export async function perform(mode: Mode, playbookName: string, flags: RunFlags): Promise<void> {
  const [{ knownRoleNames, loadPlaybook }, { run }, { hasLiveView, report }] = await Promise.all([
    import('../playbook/load.ts'),
    import('../runner/run.ts'),
    import('../report/report.ts'),
  ])
  // A live view says so itself: lines in between would break it.
  const signal = untilInterrupted((line) => {
    if (!hasLiveView(flags)) process.stderr.write(`\n${line}\n`)
  })
  const { playbook } = await loadPlaybook(playbookName)
  const events = run(playbook, { ...runOptions(mode, flags, signal), knownRoles: knownRoleNames(process.cwd()) })
  const { json = false, diff = false, verbose = false, exitCode: changesCount = false } = flags
  const ending = await report(events, { json, diff, verbose, signal })
  process.exitCode = exitCodeOf(ending, { interrupted: signal.aborted, changesCount })
}

function runOptions(mode: Mode, flags: RunFlags, signal: AbortSignal): RunOptions {
  const { inventory, limit, role, tags, extra, concurrency, acceptNewHostKeys } = flags
  return {
    mode,
    inventory,
    signal,
    ...(limit === undefined ? {} : { limit }),
    ...(role === undefined ? {} : { roles: role }),
    ...(tags === undefined ? {} : { tags }),
    ...(extra === undefined ? {} : { extra }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(acceptNewHostKeys === undefined ? {} : { acceptNewHostKeys }),
  }
}
