import { setMaxListeners } from 'node:events'
import { RolecallError } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import { shown, shownError } from '../gate/gate.ts'
import type { Playbook } from '../playbook/playbook.ts'
import { closeAll, connectEarly, type Connections } from './hosts/connections.ts'
import { Pool } from './hosts/pool.ts'
import { sharedMachineNotes } from './hosts/shared-machines.ts'
import type { UnitContext } from './hosts/unit-context.ts'
import type { RunHeader } from './journal/journal.ts'
import { JOURNALS } from './journal/journal-directory.ts'
import { resumed, runHeaderOf } from './journal/run-header.ts'
import { sourceStateOf, type SourceState } from './journal/source-state.ts'
import { batchNotes } from './order/batches.ts'
import { Pauses } from './order/pauses.ts'
import { schedule, type Scheduling } from './order/schedule.ts'
import { RunHooks } from './hooks.ts'
import { prepareRun, type PreparedRun } from './prepare-run.ts'
import { refuseExitOfRoles } from './refuse-exit-of-roles.ts'
import type { RunOptions } from './run-options.ts'
import { deleteBackups, rollbackUnits } from './rollback/rollback.ts'
import { TouchedHosts } from './rollback/touched.ts'
import { RunOutput } from './run-output.ts'
import { watchStrayErrors } from './stray-errors.ts'
import { executeUnit, reportEnd } from './units/execute-unit.ts'
import { OncePerPlay } from './units/role/once-per-play.ts'
import { shortSecretNotes } from './units/short-secrets.ts'
import { reportFailedStarts } from './units/report-failed-starts.ts'
import { named, unitKeys } from './units/unit-keys.ts'
import type { Unit } from './units/units.ts'

export type { RunOptions } from './run-options.ts'

const DEFAULT_CONCURRENCY = 20

/**
 * Runs a playbook and yields its events; the last one is the summary.
 *
 * Throws a RolecallError before the first event, and before any host is touched, if the request is wrong. Problems on hosts are reported in events,
 * never thrown.
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
  const prepared = await prepareRun(playbook, options)
  const { units, inventory } = prepared
  // Gates are not part of a plan: they change nothing, and check does not run them.
  await options.observer?.units?.(
    units.filter(({ isGate }) => isGate !== true),
    inventory.digest(),
  )
  const ended = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, ended.signal]) : ended.signal
  // Each host being connected listens to the signal.
  setMaxListeners(0, signal)
  const opening = openedEarly(options, units, signal)
  const run = await begin(playbook, options, prepared, { opening, signal }).catch((error: unknown) => {
    closeAll(opening)
    throw error
  })
  const work = runToItsEnd(run)
  try {
    yield* run.output.events
  } finally {
    // The run ends too if the caller stops reading events.
    ended.abort()
    await work
  }
}

/** A run that may begin: its types are right, and no hook has stopped it. */
interface BegunRun {
  readonly playbook: Playbook
  readonly options: RunOptions
  readonly prepared: PreparedRun
  readonly header: RunHeader
  readonly hosts: readonly string[]
  readonly opening: Connections
  readonly hooks: RunHooks
  readonly output: RunOutput
  /** What git says of the project; undefined if there is no journal to write it to. */
  readonly source: Promise<SourceState | undefined> | undefined
  readonly signal: AbortSignal
}

/** Waits for permission to begin, calls the hook before the run, and opens the journal. */
async function begin(
  playbook: Playbook,
  options: RunOptions,
  prepared: PreparedRun,
  { opening, signal }: Pick<BegunRun, 'opening' | 'signal'>,
): Promise<BegunRun> {
  await options.readyWhen
  const { mode, byHand, journal = JOURNALS, extra = [], diff = false } = options
  const { units, keptAnswers } = prepared
  // Started early, because git is a separate process.
  const source = journal === false ? undefined : sourceStateOf(process.cwd())
  const header = runHeaderOf(playbook, { ...options, extra: [...extra, ...keptAnswers] }, prepared)
  const hosts = [...new Set(units.map((unit) => unit.host.name))]
  const about = { run: header.run, mode, playbook: playbook.name, hosts, signal }
  const hooks = new RunHooks(byHand === undefined ? playbook.hooks : undefined, about, units)
  await hooks.beforeRun()
  const output = new RunOutput(hosts, header, journal === false ? undefined : { directory: journal, diffs: diff })
  return { playbook, options, prepared, header, hosts, opening, hooks, output, source, signal }
}

/** What the units of a run share. */
interface SharedByUnits {
  readonly pool: Pool
  readonly pauses: Pauses
  readonly touched: TouchedHosts
  readonly emit: (event: RunEvent) => void
}

/** Runs the units, and closes the journal whatever happens. */
async function runToItsEnd(run: BegunRun): Promise<void> {
  try {
    await runUnits(run)
  } finally {
    await run.output.end(run.source)
  }
}

/** Runs the units in their order, and emits the summary. */
async function runUnits(run: BegunRun): Promise<void> {
  const { playbook, header, hosts, hooks, output, signal } = run
  const { units } = run.prepared
  const { mode, resume, confirm } = run.options
  const emit = (event: RunEvent) => {
    hooks.seen(event)
    output.emit(event)
  }
  const pool = poolOf(run, emit)
  const shared = { pool, emit, pauses: new Pauses({ signal, emit, confirm }), touched: new TouchedHosts(playbook.name) }
  const finished = finishedBefore(units, resume)
  emit({ type: 'run', run: header.run, mode, playbook: playbook.name, hosts, units: units.length, at: header.at })
  hooks.reportTo(output.emit)
  pool.reportWaits()
  if (resume) emit(resumed(resume, header, finished.size, units.length))
  for (const note of notesOf(units, mode)) emit({ type: 'note', ...note, at: Date.now() })

  const unguard = guardProcess(pool, signal)
  try {
    await schedule(units, schedulingOf(run, shared, finished))
    await lookAtTheRest(pool, { emit, signal })
    const summary = () => output.summary(mode, Date.now() - header.at, (host) => pool.roundTrips(host))
    await hooks.afterRun(summary())
    emit(summary())
  } finally {
    output.close()
    unguard()
    pool.close()
  }
}

/** Looks at what roles have started on hosts whose last unit did not begin. */
async function lookAtTheRest(
  pool: Pool,
  { emit, signal }: Pick<SharedByUnits, 'emit'> & { readonly signal: AbortSignal },
): Promise<void> {
  const sessions = await pool.connected()
  const found = await Promise.allSettled(sessions.map((session) => reportFailedStarts(session, { emit, signal })))
  for (const problem of found.flatMap((each) => (each.status === 'fulfilled' ? each.value : [])))
    emit({ type: 'problem', problem, at: Date.now() })
}

/** How the scheduler runs the units. `finished`: the units that the resumed run had finished. */
function schedulingOf(run: BegunRun, shared: SharedByUnits, finished: ReadonlySet<Unit>): Scheduling {
  const { options, prepared, hooks, signal } = run
  const { mode, concurrency = DEFAULT_CONCURRENCY } = options
  const { pool, emit } = shared
  const contextOf = unitContexts(run, shared)
  return {
    mode,
    concurrency,
    signal,
    run: (unit) =>
      hooks.around(
        unit,
        () => executeUnit(unit, finished.has(unit), pool, contextOf(unit)),
        () => reportEnd(unit, 'failed', emit),
      ),
    onBlocked(unit, { end, why }) {
      reportEnd(unit, end, emit, { notBegun: why })
      return hooks.over(unit, end)
    },
    ...(mode === 'apply' ? applyScheduling(prepared, shared) : { recoveries: prepared.recoveries }),
  }
}

/** What the scheduler does only when hosts are changed: rollback of failed plays, and pauses between batches. */
function applyScheduling(
  { units, recoveries, inventory }: PreparedRun,
  { touched, pool, pauses }: SharedByUnits,
): Pick<Scheduling, 'recoveries' | 'onBatchDone' | 'pause'> {
  return {
    recoveries: [...rollbackUnits(units, touched), ...recoveries],
    onBatchDone: (play, hosts) => deleteBackups(play, hosts, { touched, pool, inventory }),
    pause: (unit) => pauses.before(unit),
  }
}

/** The context of each unit. An approved plan covers no work after a failure, so the observer of a plan does not see recoveries. */
function unitContexts(
  { options: { mode, byHand, observer }, playbook, prepared: { inventory, units }, signal }: BegunRun,
  { pool, pauses, touched, emit }: SharedByUnits,
): (unit: Unit) => UnitContext {
  const context: UnitContext = {
    mode,
    inventory,
    playbook,
    signal,
    emit,
    touched,
    onLate: (problem) => emit({ type: 'problem', problem, at: Date.now() }),
    onChange: (unit) => pauses.changed(unit),
    session: (host) => pool.session(host),
    once: new OncePerPlay(),
    isLastOnHost: lastOnHosts(units),
    ...(byHand === undefined ? {} : { byHand }),
  }
  const observed: UnitContext = observer === undefined ? context : { ...context, observer }
  return (unit) => (unit.isRecovery === true ? context : observed)
}

/** Whether a unit is the last of its play on its host. A unit for a failed play counts alone. */
function lastOnHosts(units: readonly Unit[]): (unit: Unit) => boolean {
  const keyOf = ({ play, host }: Unit) => JSON.stringify([play.name, host.name])
  const last = new Map(units.map((unit) => [keyOf(unit), unit.index]))
  return (unit) => unit.isRecovery === true || unit.isRollback === true || last.get(keyOf(unit)) === unit.index
}

/** What the operator should know before the first unit begins. */
function notesOf(
  units: readonly Unit[],
  mode: RunOptions['mode'],
): { readonly host: string; readonly role?: string; readonly message: string }[] {
  return [
    ...(mode === 'check' ? batchNotes(units) : []),
    ...sharedMachineNotes(units.map(({ host }) => host)),
    ...shortSecretNotes(units),
  ]
}

/** While roles run: their stray errors go to their units, they cannot exit the process, and an interruption ends what runs on hosts. */
function guardProcess(pool: Pool, signal: AbortSignal): () => void {
  const unwatch = watchStrayErrors()
  const allowExit = refuseExitOfRoles()
  const onAbort = () => void pool.abandon()
  signal.addEventListener('abort', onAbort, { once: true })
  return () => {
    unwatch()
    allowExit()
    signal.removeEventListener('abort', onAbort)
  }
}

function poolOf({ options, header, opening, signal }: BegunRun, emit: (event: RunEvent) => void): Pool {
  const { mode, acceptNewHostKeys = false, byHand, wait = 0 } = options
  const { run, at, by } = header
  const locksHosts = mode === 'apply' && byHand?.locksHost !== false
  return new Pool({
    acceptNewHostKeys,
    opening,
    lockHolder: locksHosts ? { run, user: by.user, machine: by.machine, pid: by.pid, since: at } : undefined,
    wait,
    signal,
    emit,
  })
}

/** The units that the resumed run had finished. */
function finishedBefore(units: readonly Unit[], resume: RunOptions['resume']): ReadonlySet<Unit> {
  const keyOf = unitKeys()
  return new Set(units.filter((unit) => resume?.finished.has(keyOf(shown(named(unit)))) ?? false))
}

/**
 * Hosts of later plays are connected at once, where all of the hosts may run at once: a playbook whose first play is for one host took 0.25 s more. A
 * run that waits for permission to begin is connected when it comes.
 */
function openedEarly(
  { acceptNewHostKeys = false, concurrency = DEFAULT_CONCURRENCY }: RunOptions,
  units: readonly Unit[],
  signal: AbortSignal,
): Connections {
  const hosts = [...new Set(units.map((unit) => unit.host))]
  return connectEarly(hosts.length <= concurrency ? hosts : [], { acceptNewHostKeys, signal })
}
