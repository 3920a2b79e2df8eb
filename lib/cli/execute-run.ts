import { RolecallError, type Problem } from '../errors.ts'
import type { Mode, RunEvent } from '../events.ts'
import type { NextCommands } from '../report/next-steps.ts'
import type { Ending, ReportOptions, RunView } from '../report/report.ts'
import { NORMAL, QUIET, VERBOSE, VERY_VERBOSE, type Verbosity } from '../report/verbosity.ts'
import type { RunOptions } from '../runner/run.ts'
import { askedPasswords } from './ask/ask-passwords.ts'
import { passphrasesFrom } from './ask/key-passphrases.ts'
import { confirmationFor } from './ask/confirmation.ts'
import { exitCodeOf } from './exit-codes.ts'
import { endedBy, untilInterrupted } from './interrupt.ts'
import { nextCommands } from './next-commands.ts'
import { printNotes } from './notes.ts'
import { pathsOf, selectionOf, type RunFlags } from './run-options.ts'
import { tracesOf } from './traces.ts'
import { secretsOf, type VaultOptions } from './vault/vault-options.ts'

/** Runs `check`, `apply` or `verify`: loads the playbook, runs it, reports it and sets the exit code. */
export async function runMode(mode: Mode, playbook: string, flags: RunFlags): Promise<void> {
  await executeRun(playbook, requestOf(mode, flags), flags)
}

/** The options that select hosts, roles and values, as `RunOptions`. */
export function requestOf(mode: Mode, flags: RunFlags): RunOptions {
  const { inventory, extra } = flags
  return {
    mode,
    inventory: pathsOf(inventory),
    ...selectionOf(flags),
    ...(extra === undefined ? {} : { extra }),
  }
}

/** The options for how a run is executed and shown. */
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
    /** Answers questions between batches with yes. */
    readonly yes?: boolean
  }

/** What a caller of `executeRun` may observe or replace. */
export interface RunCallbacks {
  /** Receives each event. */
  readonly onEvent?: (event: RunEvent) => void
  /** Called when the playbook is loaded, before it runs. An error ends the run. */
  readonly onLoaded?: (loaded: { readonly digest: string }) => void
  /** The view. Default: the one that fits the output stream. */
  readonly view?: RunView
  /** Commands that the report suggests next. Default: those that fit the run. */
  readonly next?: NextCommands
}

/** Loads a playbook, runs it, reports its events and sets the exit code. */
export async function executeRun(
  playbookName: string,
  request: RunOptions,
  flags: RunDisplay,
  callbacks: RunCallbacks = {},
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
  const signal = interruption(output.stderr, hasLiveView(flags))
  const types = flags.types === false ? undefined : await startTypeCheck(playbookName, signal)
  const traces = await tracesOf(process.env)
  try {
    const { playbook, digest, file } = await loadPlaybook(playbookName).catch((error: unknown) =>
      throwWithTypeErrors(error, types?.checked),
    )
    callbacks.onLoaded?.({ digest })
    const events = run(playbook, {
      ...request,
      ...executionOf(flags, output.stderr),
      source: { name: playbookName, digest, file },
      signal,
      secrets,
      ...(passwords === undefined ? {} : { passwords }),
      ...(types === undefined ? {} : { readyWhen: types.checked }),
    })
    const traced = traces?.watch(events) ?? events
    const { onEvent, view, next = nextCommands(playbookName, request, flags) } = callbacks
    const ending = await report(
      onEvent === undefined ? traced : observed(traced, onEvent),
      { ...reportOptionsOf(flags, view), next, signal },
      output,
    )
    process.exitCode = exitCodeOf(ending, { endedBy: endedBy(), changesCount: flags.exitCode ?? false })
    return ending
  } finally {
    types?.stop()
    output.release()
    await traces?.close(process.stderr)
  }
}

/** The signal of Ctrl-C. A live view shows an interruption itself, and a line of its own would break the view. */
function interruption(stderr: NodeJS.WriteStream, hasLiveView: boolean): AbortSignal {
  const say = (line: string) => stderr.write(`\n${line}\n`)
  return untilInterrupted((line) => {
    if (!hasLiveView) say(line)
  }, say)
}

/** The flags for how a run is shown, as `ReportOptions`. */
function reportOptionsOf(flags: RunDisplay, view: RunView | undefined): ReportOptions {
  const { json = false, diff = false, timestamps = false } = flags
  const shown = { json, diff, timestamps, verbosity: verbosityOf(flags) }
  return view === undefined || json ? shown : { ...shown, view }
}

/** The flags for how a run is executed, as `RunOptions`. */
function executionOf(flags: RunDisplay, stderr: NodeJS.WriteStream): Partial<RunOptions> {
  const { concurrency, wait, acceptNewHostKeys, diff = false } = flags
  return {
    onNotes: printNotes,
    diff,
    ask: async ({ name, question, hidden }) => {
      // Loaded only by runs with a question.
      const { ask } = await import('./ask/ask-hidden.ts')
      return await ask(`${question} `, { hidden, output: stderr, hint: `give it on the command line: -e ${name}=...` })
    },
    ...confirmationFor(flags, stderr),
    ...(wait === undefined ? {} : { wait: wait === true ? Infinity : wait }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(acceptNewHostKeys === undefined ? {} : { acceptNewHostKeys }),
  }
}

async function* observed(events: AsyncIterable<RunEvent>, onEvent: (event: RunEvent) => void) {
  for await (const event of events) {
    onEvent(event)
    yield event
  }
}

function verbosityOf({ quiet = false, verbose = 0 }: RunDisplay): Verbosity {
  if (quiet) return QUIET
  if (verbose >= 2) return VERY_VERBOSE
  return verbose === 1 ? VERBOSE : NORMAL
}

/** Throws the problem of a playbook that cannot be loaded, and the type errors of other lines. */
async function throwWithTypeErrors(error: unknown, checked: Promise<void> | undefined): Promise<never> {
  if (!(error instanceof RolecallError)) throw error
  const lineOf = ({ place }: Problem) => `${place?.file ?? ''}:${place?.line ?? 0}`
  const reported = new Set(error.problems.map(lineOf))
  const typeError = await checked?.catch((refused: unknown) => refused)
  const types =
    typeError instanceof RolecallError ? typeError.problems.filter((problem) => !reported.has(lineOf(problem))) : []
  throw new RolecallError([...error.problems, ...types])
}

/** Starts the type check, which runs in parallel until something would run on a host. */
async function startTypeCheck(playbookName: string, interrupted: AbortSignal) {
  const { checkTypes } = await import('../playbook/type-check/check.ts')
  const stopped = new AbortController()
  const checked = checkTypes(playbookName, { signal: AbortSignal.any([interrupted, stopped.signal]) })
  checked.catch(() => undefined)
  /** Stops the type check of a request that is wrong for another reason. */
  const stop = () => stopped.abort()
  return { checked, stop }
}
