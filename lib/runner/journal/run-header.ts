import { RolecallError } from '../../errors.ts'
import type { RunEvent } from '../../events.ts'
import { shownName } from '../../gate/gate.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import type { Playbook } from '../../playbook/playbook.ts'
import { newRunId, type RunHeader } from './journal.ts'
import type { PastRun } from './past-run.ts'
import { nameOf, thisRunner, typedExtra, withoutSecrets } from './request.ts'
import { ciUrlIn } from './source-state.ts'
import type { Unit } from '../units/units.ts'
import type { RunOptions } from '../run-options.ts'

/** The data that a run records before it begins. */
export function runHeaderOf(
  playbook: Playbook,
  options: RunOptions,
  { units, inventory }: { readonly units: readonly Unit[]; readonly inventory: Pick<Inventory, 'digest'> },
): RunHeader {
  const {
    mode,
    inventory: paths = 'inventory',
    limit,
    roles,
    tags,
    skipTags,
    startAt,
    concurrency,
    extra = [],
    source,
    resume,
    byHand,
    observer,
  } = options
  const ci = ciUrlIn(process.env)
  return {
    type: 'request',
    version: 1,
    run: newRunId(),
    at: Date.now(),
    by: thisRunner(),
    request: {
      mode,
      playbook: source?.name ?? playbook.name,
      inventory: paths,
      ...(limit === undefined ? {} : { limit }),
      ...(roles === undefined ? {} : { roles }),
      ...(tags === undefined ? {} : { tags }),
      ...(skipTags === undefined ? {} : { skipTags }),
      ...(startAt === undefined ? {} : { startAt }),
      ...(concurrency === undefined ? {} : { concurrency }),
      ...withoutSecrets(extra, units),
      ...(observer?.plan === undefined ? {} : { plan: observer.plan }),
      ...(byHand === undefined ? {} : { command: shownName(byHand.command) }),
    },
    digests: {
      inventory: inventory.digest(),
      ...(source?.digest === undefined ? {} : { playbook: source.digest }),
    },
    ...(resume === undefined ? {} : { resumes: resume.run }),
    program: process.env['ROLECALL_VERSION'] ?? 'development',
    ...(ci === undefined ? {} : { ci }),
  }
}

/** Values that the journal did not keep because they were secret; only the user has them. */
export function requireWithheld({ run, request }: PastRun, extra: readonly string[]): void {
  const given = new Set(extra.map(nameOf))
  const hasOtherFile = extra.some((argument) => argument.startsWith('@') && !request.extra.includes(argument))
  const missing = request.withheld.filter((name) => !given.has(name))
  if (missing.length === 0 || hasOtherFile) return
  throw new RolecallError({
    code: 'usage',
    message: `run ${run} was given a secret with -e, and secrets are not recorded`,
    expected: missing.map((name) => typedExtra(name)).join(' '),
    hint: `give the secret again: rolecall resume ${run} ${missing.map((name) => typedExtra(name, 'VALUE')).join(' ')}`,
  })
}

/** The event about the run that this one resumes. */
export function resumed(past: PastRun, now: RunHeader, finished: number, units: number): RunEvent {
  const { digests } = past
  const changed = (['playbook', 'inventory'] as const).filter(
    (what) => digests[what] !== undefined && now.digests[what] !== undefined && digests[what] !== now.digests[what],
  )
  return { type: 'resumed', run: past.run, end: past.end, finished, units, changed, at: Date.now() }
}
