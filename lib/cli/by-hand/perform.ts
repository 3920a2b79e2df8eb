import type { RunView } from '../../report/report.ts'
import type { HandWork } from '../../runner/by-hand/hand-work.ts'
import { handPlaybook } from '../../runner/by-hand/hand-work.ts'
import { run } from '../../runner/run.ts'
import { report, type Ending } from '../../report/report.ts'
import { askedPasswords } from '../ask/ask-passwords.ts'
import { passphrasesFrom } from '../ask/key-passphrases.ts'
import { exitCodeOf } from '../exit-codes.ts'
import { endedBy, untilInterrupted } from '../interrupt.ts'
import { printNotes } from '../notes.ts'
import { pathsOf, type RunFlags } from '../run-options.ts'
import { NORMAL } from '../../report/verbosity.ts'
import { tracesOf } from '../traces.ts'
import { secretsOf } from '../vault/vault-options.ts'

interface HandRun {
  readonly work: HandWork
  /** An inventory pattern. */
  readonly limit: string
  readonly view: RunView
  /** Whether the run is journalled. */
  readonly isKept: boolean
}

/** Does work by hand on hosts, as a run of its own, and sets the exit code. */
export async function performOnHosts({ work, limit, view, isKept }: HandRun, flags: RunFlags): Promise<Ending> {
  const passwords = await askedPasswords(flags)
  const secrets = await secretsOf(flags)
  passphrasesFrom(flags.keyPassphraseFile, process.stderr)
  const signal = untilInterrupted((line) => process.stderr.write(`\n${line}\n`))
  const { inventory, extra, concurrency, acceptNewHostKeys, wait, json = false } = flags
  const events = run(handPlaybook(work.user), {
    mode: 'apply',
    byHand: work,
    limit,
    inventory: pathsOf(inventory),
    onNotes: printNotes,
    signal,
    secrets,
    ...(isKept ? {} : { journal: false }),
    ...(passwords === undefined ? {} : { passwords }),
    ...(extra === undefined ? {} : { extra }),
    ...(wait === undefined ? {} : { wait: wait === true ? Infinity : wait }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(acceptNewHostKeys === undefined ? {} : { acceptNewHostKeys }),
  })
  const traces = await tracesOf(process.env)
  const watched = traces?.watch(events) ?? events
  const ending = await report(watched, { json, diff: false, verbosity: NORMAL, signal, ...(json ? {} : { view }) })
  await traces?.close(process.stderr)
  process.exitCode = exitCodeOf(ending, { endedBy: endedBy(), changesCount: false })
  return ending
}
