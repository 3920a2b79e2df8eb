import { RolecallError, type Problem } from '../errors.ts'
import type { Mode, RunEvent } from '../events.ts'
import type { NextCommands } from '../report/next-steps.ts'
import type { Ending, RunView } from '../report/report.ts'
import { NORMAL, QUIET, VERBOSE, VERY_VERBOSE, type Verbosity } from '../report/verbosity.ts'
import type { RunOptions } from '../runner/run.ts'
import { askedPasswords } from './ask/ask-passwords.ts'
import { passphrasesFrom } from './ask/key-passphrases.ts'
import { confirmationFor } from './ask/confirmation.ts'
import { exitCodeOf } from './exit-codes.ts'
import { untilInterrupted } from './interrupt.ts'
import { nextCommands } from './next-commands.ts'
import { printNotes } from './notes.ts'
import { pathsOf, selectionOf, type RunFlags } from './run-options.ts'
import { tracesOf } from './traces.ts'
import { secretsOf, type VaultOptions } from './vault/vault-options.ts'

/** What check, apply and verify do: load the playbook, run it, tell it, and say with the exit code how it ended. */
export async function runMode(mode: Mode, playbook: string, flags: RunFlags): Promise<void> {
  await executeRun(playbook, requestOf(mode, flags), flags)
}

/** What is run, by the options that say so. */
export function requestOf(mode: Mode, flags: RunFlags): RunOptions {
  const { inventory, extra } = flags
  return {
    mode,
    inventory: pathsOf(inventory),
    ...selectionOf(flags),
    ...(extra === undefined ? {} : { extra }),
  }
}

/** How a run is done and told, whatever is run. */
export type RunDisplay = Pick<
  RunFlags,
  | 'concurrency'
  | 'wait'
  | 'diff'
  | 'json'
  | 'verbose'
  | 'quiet'
  | 'timestamps'
  | 'acceptNewHostKeys'
  | 'exitCode'
  | 'types'
  | 'askPass'
  | 'askBecomePass'
  | 'keyPassphraseFile'
> &
  VaultOptions & {
    /** Questions between batches are answered with yes. */
    readonly yes?: boolean
  }

/** What a run is watched by, besides its report. */
export interface RunHooks {
  /** Told of each event. */
  readonly tap?: (event: RunEvent) => void
  /** Told of the playbook before it is run. What it throws ends the run. */
  readonly onLoaded?: (loaded: { readonly digest: string }) => void
  /** Told in this way, in place of the one that fits the stream. */
  readonly view?: RunView
  /** What can be typed after the run. */
  readonly next?: NextCommands
}

export async function executeRun(
  playbookName: string,
  what: RunOptions,
  flags: RunDisplay,
  hooks: RunHooks = {},
): Promise<Ending> {
  const [{ loadPlaybook }, { run }, { hasLiveView, report }, { catchOutput }] = await Promise.all([
    import('../playbook/load/load.ts'),
    import('../runner/run.ts'),
    import('../report/report.ts'),
    import('../report/text/foreign-output.ts'),
  ])
  const passwords = await askedPasswords(flags)
  const secrets = await secretsOf(flags)
  const output = catchOutput()
  passphrasesFrom(flags.keyPassphraseFile, output.stderr)
  // A live view says so itself: lines in between would break it.
  const say = (line: string) => output.stderr.write(`\n${line}\n`)
  const signal = untilInterrupted((line) => {
    if (!hasLiveView(flags)) say(line)
  }, say)
  const types = flags.types === false ? undefined : await typesOf(playbookName, signal)
  const traces = await tracesOf(process.env)
  try {
    const { playbook, digest, file } = await loadPlaybook(playbookName).catch((error: unknown) =>
      withTypes(error, types?.checked),
    )
    hooks.onLoaded?.({ digest })
    const { concurrency, wait, acceptNewHostKeys, json = false, diff = false, timestamps = false } = flags
    const events = run(playbook, {
      ...what,
      source: { name: playbookName, digest, file },
      onNotes: printNotes,
      signal,
      diff,
      ...(passwords === undefined ? {} : { passwords }),
      ask: async ({ name, question, hidden }) =>
        (await terminal()).ask(`${question} `, {
          hidden,
          output: output.stderr,
          hint: `give it on the command line: -e ${name}=...`,
        }),
      secrets,
      ...confirmationFor(flags, output.stderr),
      ...(types === undefined ? {} : { readyWhen: types.checked }),
      ...(wait === undefined ? {} : { wait: wait === true ? Infinity : wait }),
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(acceptNewHostKeys === undefined ? {} : { acceptNewHostKeys }),
    })
    const told = {
      json,
      diff,
      verbosity: verbosityOf(flags),
      timestamps,
      next: hooks.next ?? nextCommands(playbookName, what, flags),
      signal,
      ...(hooks.view === undefined || json ? {} : { view: hooks.view }),
    }
    const watched = traces?.watch(events) ?? events
    const ending = await report(hooks.tap === undefined ? watched : tapped(watched, hooks.tap), told, output)
    const changesCount = flags.exitCode ?? false
    process.exitCode = exitCodeOf(ending, { interrupted: signal.aborted, changesCount })
    return ending
  } finally {
    types?.stop()
    output.release()
    await traces?.close(process.stderr)
  }
}

async function* tapped(events: AsyncIterable<RunEvent>, tap: (event: RunEvent) => void) {
  for await (const event of events) {
    tap(event)
    yield event
  }
}

function verbosityOf({ quiet = false, verbose = 0 }: RunDisplay): Verbosity {
  if (quiet) return QUIET
  return verbose >= 2 ? VERY_VERBOSE : verbose === 1 ? VERBOSE : NORMAL
}

/** What keeps a playbook from being loaded, and beside it every type that does not fit somewhere else. */
async function withTypes(error: unknown, checked: Promise<void> | undefined): Promise<never> {
  if (!(error instanceof RolecallError)) throw error
  const about = ({ place }: Problem) => `${place?.file ?? ''}:${place?.line ?? 0}`
  const told = new Set(error.problems.map(about))
  const verdict = await checked?.catch((refused: unknown) => refused)
  const types = verdict instanceof RolecallError ? verdict.problems.filter((problem) => !told.has(about(problem))) : []
  throw new RolecallError([...error.problems, ...types])
}

/** Checks types at the same time as all that follows, until something would be run on a host. */
async function typesOf(playbookName: string, interrupted: AbortSignal) {
  const { checkTypes } = await import('../playbook/type-check/check.ts')
  const stopped = new AbortController()
  const checked = checkTypes(playbookName, { signal: AbortSignal.any([interrupted, stopped.signal]) })
  checked.catch(() => undefined)
  /** A request that is wrong for another reason needs no verdict about its types. */
  const stop = () => stopped.abort()
  return { checked, stop }
}

/** What reads lines from a terminal, for runs that ask something. */
function terminal() {
  return import('./ask/ask-hidden.ts')
}
