import { setMaxListeners } from 'node:events'
import { RolecallError, type Problem } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import type { Connection } from '../inventory/connections/connection.ts'
import { openProjectInventory } from '../playbook/load/inventory.ts'
import { environmentSecrets } from '../vault/environment-secrets.ts'
import { withSecrets } from '../vault/repository-secrets.ts'
import { errorMessage } from '../text/error-message.ts'
import type { Playbook } from '../playbook/playbook.ts'
import { connectWhile, type Connections } from './hosts/connections.ts'
import { extraNames } from '../inventory/variables/extra.ts'
import { likelyTypos } from '../playbook/variables/unread.ts'
import { shown, shownError } from '../gate/gate.ts'
import { EventQueue } from './event-queue.ts'
import { batchNotes } from './order/batches.ts'
import { Pauses } from './order/pauses.ts'
import { newRunId, openJournal, type Journal } from './journal/journal.ts'
import { sourceStateOf, type SourceState } from './journal/source-state.ts'
import { runHeaderOf, requireWithheld, resumed } from './journal/run-header.ts'
import { JOURNALS } from './journal/run-history.ts'
import { Pool } from './hosts/pool.ts'
import { schedule } from './order/schedule.ts'
import { watchUnhandledRejections } from './unhandled-rejections.ts'
import { RunCounts } from './run-counts.ts'
import { named, unitKeys } from './units/unit-keys.ts'
import { runOne, tellEnd } from './units/begin-unit.ts'
import { OncePerPlay } from './units/once-per-play.ts'
import type { UnitContext } from './units/unit.ts'
import { checkRun } from './journal/repeated-options.ts'
import { askedExtras } from './units/questions.ts'
import { selectorOf } from './units/selection.ts'
import { shortSecretNotes } from './units/short-secrets.ts'
import { unitsOf, type Unit } from './units/units.ts'
import type { RunOptions } from './run-options.ts'

export type { RunOptions } from './run-options.ts'

const JOURNAL_HINT = 'the run goes on, and cannot be resumed: make room, then run the same command again'

const DEFAULT_CONCURRENCY = 20

/**
 * Runs a playbook and tells what happens, event by event; the last one is the summary.
 *
 * Throws a RolecallError before the first event, and before any host is touched, when the request itself is wrong.
 * What goes wrong on hosts is told in events and never thrown.
 *
 * @example
 * for await (const event of run(site, { mode: 'check', limit: 'dns' }))
 *   if (event.type === 'resource' && event.status === 'changed') console.log(event.host, event.resource)
 */
export async function* run(playbook: Playbook, options: RunOptions): AsyncGenerator<RunEvent, void, undefined> {
  try {
    yield* runAll(playbook, options)
  } catch (error) {
    throw error instanceof RolecallError ? shownError(error) : error
  }
}

async function* runAll(playbook: Playbook, options: RunOptions): AsyncGenerator<RunEvent, void, undefined> {
  checkRun(playbook, options)
  const { mode, journal = JOURNALS, concurrency = DEFAULT_CONCURRENCY, extra = [], resume } = options
  if (resume) requireWithheld(resume, extra)
  const { secrets = environmentSecrets() } = options
  const once = {}
  const open = () =>
    openProjectInventory(options.inventory ?? 'inventory', {
      extra,
      secrets,
      once,
      ...(options.passwords === undefined ? {} : { passwords: options.passwords }),
      ...(options.source?.file === undefined ? {} : { playbookFile: options.source.file }),
    })
  const opened = await withSecrets(secrets, open)
  options.onNotes?.([...opened.notes, ...likelyTypos(opened, playbook, extraNames(extra))])
  const isSelected = selectorOf(playbook, options)
  const answers = await askedExtras(
    playbook,
    opened,
    ({ role }, play, at) => isSelected(role, play, at),
    options.limit,
    options.ask,
  )
  const answered = answers.map((answer) => answer.extra)
  opened.accept(answered)
  const { inventory, units, recoveries } = await withSecrets(secrets, async (round) => {
    const inventory = round === 0 ? opened : await open()
    if (round > 0) inventory.accept(answered)
    const found = unitsOf(playbook, inventory, options)
    const units = found.filter(({ isRecovery }) => isRecovery !== true)
    const recoveries = mode === 'apply' ? found.filter(({ isRecovery }) => isRecovery === true) : []
    units.forEach(readConnection)
    return { inventory, units, recoveries }
  })
  secrets.settle()
  options.observer?.units?.(units, inventory.digest)
  const hosts = [...new Set(units.map((unit) => unit.host.name))]
  const ended = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, ended.signal]) : ended.signal
  // Each host that is being connected listens.
  setMaxListeners(0, signal)
  const acceptNewHostKeys = options.acceptNewHostKeys ?? false
  const opening = await connectedWhenReady(options, units, { acceptNewHostKeys, concurrency, signal })
  // Asked beside everything else: it takes a process.
  const source = journal === false ? undefined : sourceStateOf(process.cwd())
  const id = newRunId()
  const startedAt = Date.now()

  const tally = new RunCounts(hosts)
  const events = new EventQueue<RunEvent>()
  // A secret is asked for again when the run is resumed.
  const kept = answers.filter(({ isSecret }) => !isSecret).map((answer) => answer.extra)
  const header = runHeaderOf(
    id,
    startedAt,
    playbook,
    { ...options, extra: [...extra, ...kept] },
    units,
    inventory.digest,
  )
  const written =
    journal === false
      ? undefined
      : openJournal(journal, header, { diffs: options.diff ?? false }, (error) => onBrokenJournal(error))
  const onBrokenJournal = (error: unknown) => {
    const message = `the journal of this run cannot be written any more: ${errorMessage(error)}`
    emit({ type: 'problem', problem: { code: 'usage', message, hint: JOURNAL_HINT }, at: Date.now() })
  }
  let isOver = false
  const emit = (event: RunEvent) => {
    if (isOver) return
    tally.add(event)
    const told = shown(event)
    written?.write(told)
    events.push(told)
  }
  const { user, machine, pid } = header.by
  const pool = new Pool({
    acceptNewHostKeys,
    ...(opening === undefined ? {} : { opening }),
    claim:
      mode === 'apply' && options.byHand?.locksHost !== false
        ? { run: id, user, machine, pid, since: startedAt }
        : undefined,
    wait: options.wait ?? 0,
    signal,
    emit,
  })
  const onLate = (problem: Problem) => emit({ type: 'problem', problem, at: Date.now() })
  const { byHand, observer } = options
  const pauses = new Pauses({ signal, emit })
  const stage: UnitContext = {
    mode,
    inventory,
    playbook,
    signal,
    emit,
    onLate,
    onChange: (unit) => pauses.changed(unit),
    session: (host) => pool.session(host),
    once: new OncePerPlay(),
    ...(byHand === undefined ? {} : { byHand }),
    ...(observer === undefined ? {} : { observer }),
  }
  const unwatch = watchUnhandledRejections()

  emit({ type: 'run', run: id, mode, playbook: playbook.name, hosts, units: units.length, at: startedAt })
  const keyOf = unitKeys()
  const finished = new Set(units.filter((unit) => resume?.finished.has(keyOf(shown(named(unit)))) ?? false))
  if (resume) emit(resumed(resume, header, finished.size, units.length))
  const notes = [...(mode === 'check' ? batchNotes(units) : []), ...shortSecretNotes(units)]
  for (const note of notes) emit({ type: 'note', ...note, at: Date.now() })
  const onAbort = () => void pool.abandon()
  signal.addEventListener('abort', onAbort, { once: true })
  const work = schedule(units, {
    mode,
    concurrency,
    signal,
    recoveries,
    ...(mode === 'apply' ? { pause: (unit) => pauses.before(unit) } : {}),
    run: (unit) => runOne(unit, finished.has(unit), pool, stage),
    onBlocked: (unit, { end, why }) => tellEnd(unit, end, 0, emit, { notBegun: why }),
  })
    .then(() => emit(tally.summary(mode, Date.now() - startedAt, (host) => pool.roundTrips(host))))
    .finally(async () => {
      isOver = true
      unwatch()
      signal.removeEventListener('abort', onAbort)
      pool.close()
      if (written !== undefined) await writeSource(written, source)
      written?.close()
      events.end()
    })
  try {
    yield* events
  } finally {
    // Whoever stops listening half-way wants the run to end as well.
    ended.abort()
    await work
  }
}

/** How long the end of a run waits for git. */
const SOURCE_MS = 3000

async function writeSource(journal: Journal, source: Promise<SourceState | undefined> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((done) => {
    timer = setTimeout(() => done(undefined), SOURCE_MS)
  })
  const state = await Promise.race([source, late])
  clearTimeout(timer)
  if (state !== undefined) journal.write({ type: 'source', ...state })
}

/** Passwords of connections are secrets as well. What is wrong with a connection is told when it is made. */
function readConnection({ host }: Unit): Connection | undefined {
  try {
    return host.connection
  } catch (error) {
    if (error instanceof RolecallError) return undefined
    throw error
  }
}

/** Hosts are connected while the run waits for leave to begin, where all of them may be at work at once. */
function connectedWhenReady(
  { readyWhen }: RunOptions,
  units: readonly Unit[],
  options: { readonly acceptNewHostKeys: boolean; readonly concurrency: number; readonly signal: AbortSignal },
): Promise<Connections> | undefined {
  if (readyWhen === undefined) return undefined
  const hosts = [...new Set(units.map((unit) => unit.host))]
  return connectWhile(readyWhen, hosts.length <= options.concurrency ? hosts : [], options)
}
