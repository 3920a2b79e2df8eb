import { RolecallError, type Problem } from '../../errors.ts'
import type { RunEnd, RunEvent } from '../../events.ts'
import { silentView } from '../../report/views/silent.ts'
import { counted } from '../../report/text/words.ts'
import { Approval, momentText, staleProblems } from '../../runner/plan/approval.ts'
import { differences, unitDifferences, type Difference } from '../../runner/plan/compare.ts'
import { readPlan, type SavedPlan } from '../../runner/plan/plan-file.ts'
import { selectionIn } from '../../runner/journal/request.ts'
import { planKey, type PlanKey } from '../../runner/plan/plan-key.ts'
import { PlanRecorder } from '../../runner/plan/recorder.ts'
import type { Unit } from '../../runner/units/units.ts'
import { shown } from '../../gate/gate.ts'
import { executeRun } from '../execute-run.ts'
import { isInterruption } from '../exit-codes.ts'
import { applyAgain, planAgain, quotedWord } from '../next-commands.ts'
import type { RunFlags } from '../run-options.ts'
import { requireExtra, requirePolicies } from './make-plan.ts'
import { begunRun, markBegun } from './applied.ts'
import { policyFiles } from './policy-files.ts'
import { loadPolicies } from '../../playbook/load/policies.ts'

export interface ApplyFlags extends RunFlags {
  readonly ask?: boolean
  readonly yes?: boolean
  readonly allowUnknown?: boolean
  readonly allOrNothing?: boolean
}

/** `rolecall apply FILE`: makes the changes of a saved plan, and no others. */
export async function applyPlan(file: string, flags: ApplyFlags): Promise<void> {
  refuseSelection(flags)
  const { plan, isSealed } = readPlan(file)
  const key = planKey(process.cwd())
  requireCurrent(file, plan, key, isSealed)
  const before = begunRun(plan, file, `plan again: ${planAgain(plan, file)}`)
  const extra = flags.extra ?? []
  requireExtra(plan, extra, `rolecall apply ${quotedWord(file)}`)
  const { playbook, inventory } = plan.request
  const what = { inventory, ...selectionIn(plan.request), extra: [...plan.request.extra, ...extra] }
  const onLoaded = ({ digest }: { readonly digest: string }) => {
    if (key.digest('playbook', digest) !== plan.digests.playbook) throw stale([whatChanged(plan)])
  }
  const policies = await loadPolicies(policyFiles(process.cwd()), process.cwd())
  if (before !== undefined)
    process.stderr.write(
      `Run ${before.run} began this plan and ${ENDED[before.end]}: what it left undone is done now.\n`,
    )
  if (flags.json !== true) process.stderr.write(`Comparing the hosts with the plan of ${momentText(plan.at)} ...\n`)
  const now = new Comparison(plan, key, before !== undefined)
  // Only differences are printed, and there is no journal: the apply that follows has one.
  const quiet = { ...flags, json: false, quiet: true, types: flags.types ?? true }
  await executeRun(playbook, { ...what, mode: 'check', observer: now, journal: false }, quiet, {
    onLoaded,
    view: silentView,
    onEvent: (event) => now.tell(event),
  })
  if (isInterruption(process.exitCode)) return
  const found = now.differences()
  if (found.length > 0 && flags.allOrNothing === true) throw new RolecallError(staleProblems(found, plan))
  const stopped = new Set(found.map(({ host }) => host))
  if (found.length > 0 && plan.units.every(({ host }) => stopped.has(host)))
    throw new RolecallError(staleProblems(found, plan))
  requireKnown(plan, flags)
  requirePolicies(policies, playbook, now)
  const approval = new Approval(plan, key, { allowUnknown: flags.allowUnknown === true, differences: found })
  const unmark = markBegun(plan, before)
  const seen = { run: false, stale: false }
  try {
    await executeRun(playbook, { ...what, mode: 'apply', observer: approval }, flags, {
      onLoaded,
      onEvent(event) {
        seen.run = true
        if (event.type === 'problem' && event.problem.code === 'stale-plan') seen.stale = true
      },
      next: { resume: () => (seen.stale ? planAgain(plan, file) : applyAgain(plan, file)) },
    })
  } finally {
    if (!seen.run) unmark()
  }
}

const ENDED: Readonly<Record<RunEnd, string>> = {
  done: 'was done',
  failed: 'failed',
  interrupted: 'was interrupted',
  crashed: 'crashed',
  running: 'is running',
}

/** Compares the request before any host is touched, and records the answers of hosts. */
class Comparison extends PlanRecorder {
  /** Roles that did not come to their end. */
  readonly #broken = new Map<string, Difference[]>()
  readonly #problems: Problem[] = []
  readonly #plan: SavedPlan
  readonly #failedBefore: ReadonlySet<string>
  readonly #isBegun: boolean

  constructor(plan: SavedPlan, key: PlanKey, isBegun: boolean) {
    super(key)
    this.#isBegun = isBegun
    this.#plan = plan
    this.#failedBefore = new Set(
      plan.events.flatMap((event) => (event.type === 'unit-end' && event.end !== 'done' ? [unitKey(event)] : [])),
    )
  }

  override async units(units: readonly Unit[], inventoryDigest: string): Promise<void> {
    await super.units(units, inventoryDigest)
    const found = unitDifferences(this.#plan.units, shown(this.plannedUnits))
    if (found.length > 0) throw new RolecallError(staleProblems(found, this.#plan))
    if (this.inventoryDigest !== this.#plan.digests.inventory)
      throw stale([{ what: 'the inventory', plan: this.#plan }])
  }

  override tell(event: RunEvent): void {
    super.tell(event)
    if (event.type === 'problem' || event.type === 'unreachable') this.#problems.push(event.problem)
    if (event.type !== 'unit-end' || event.end === 'skipped') return
    const failed = this.#failedBefore.has(unitKey(event))
    if (event.end === 'done' && !failed) return
    const key = roleKey(event)
    this.#broken.set(key, [...(this.#broken.get(key) ?? []), ...this.#reasons(event, failed)])
  }

  /** All differences. Of a role that did not come to its end, what it did not look at is not compared. */
  differences(): Difference[] {
    const found = differences(this.#plan.resources, this.resources, this.#isBegun).filter(
      (each) => each.isSeen || !this.#broken.has(roleKey(each)),
    )
    return [...found, ...[...this.#broken.values()].flat()]
  }

  #reasons({ host, role, end }: Extract<RunEvent, { type: 'unit-end' }>, failed: boolean): Difference[] {
    if (failed && end !== 'unreachable') return [{ host, role, what: 'failed when it was planned', isSeen: true }]
    const what = end === 'unreachable' ? 'cannot be compared' : 'fails now'
    const reasons = this.#problems.filter((each) => each.host === host && (each.role ?? role) === role)
    const told = reasons.map(({ message, resource, hint }): Difference => ({
      host,
      role,
      what: `${what}: ${message}`,
      isSeen: true,
      isFailure: true,
      ...(resource === undefined ? {} : { resource }),
      ...(hint === undefined ? {} : { hint }),
    }))
    return told.length > 0 ? told : [{ host, role, what, isSeen: true, isFailure: true }]
  }
}

function roleKey({ host, role }: { readonly host: string; readonly role: string }): string {
  return JSON.stringify([host, role])
}

function unitKey({
  host,
  role,
  play,
}: {
  readonly host: string
  readonly role: string
  readonly play: string
}): string {
  return JSON.stringify([play, host, role])
}

interface Changed {
  readonly what: string
  readonly plan: SavedPlan
}

function whatChanged(plan: SavedPlan): Changed {
  return { what: `the playbook ${plan.request.playbook}, or a file that it imports,`, plan }
}

function stale(all: readonly Changed[]): RolecallError {
  return new RolecallError(
    all.map(({ what, plan }): Problem => ({
      code: 'stale-plan',
      message: `${what} has changed since the plan was made, at ${momentText(plan.at)}`,
      hint: 'plan again, and have the new plan approved',
    })),
  )
}

/** Throws a RolecallError for a plan that is invalid independently of the hosts. */
function requireCurrent(file: string, plan: SavedPlan, key: PlanKey, isSealed: (key: PlanKey) => boolean): void {
  const refuse = (message: string, hint: string, expected?: string, got?: string) => {
    const more = { ...(expected === undefined ? {} : { expected }), ...(got === undefined ? {} : { got }) }
    throw new RolecallError({ code: 'stale-plan', message, ...more, hint, place: { file } })
  }
  const again = `plan again: ${planAgain(plan, file)}`
  if (plan.key !== key.id)
    refuse(
      'the plan was made with another key than that of this project',
      'give both commands the same ROLECALL_PLAN_KEY, or apply it where it was made',
      `key ${key.id}`,
      `key ${plan.key}`,
    )
  if (!isSealed(key)) refuse('the plan was modified: its seal is broken', again)
  const program = process.env['ROLECALL_VERSION'] ?? 'development'
  if (plan.program !== program)
    refuse('the plan was made by another version of Rolecall', again, `version ${program}`, `version ${plan.program}`)
  const now = Date.now()
  if (now >= plan.expiresAt)
    refuse(
      `the plan has expired, at ${momentText(plan.expiresAt)}`,
      `${again} (with --expires 7d it is valid for longer)`,
    )
  if (plan.at > now + 300_000)
    refuse(`the plan is from the future, ${momentText(plan.at)}`, 'correct the clock of this machine')
}

/** Refuses a plan with unknowns unless they are allowed, because its apply would stop half way. */
function requireKnown(plan: SavedPlan, { allowUnknown = false }: ApplyFlags): void {
  const unknowns = plan.resources.filter(({ status }) => status === 'unknown')
  if (unknowns.length === 0 || allowUnknown) return
  throw new RolecallError({
    code: 'stale-plan',
    message: `the plan calls ${counted(unknowns.length, 'resource')} unknown, so it does not have all changes`,
    got: [...new Set(unknowns.map(({ resource }) => resource))].slice(0, 5).join(', '),
    hint: 'to allow their changes, add --allow-unknown',
  })
}

function refuseSelection(flags: ApplyFlags): void {
  const { limit, role, tags, skipTags, startAt, inventory, ask } = flags
  const options = {
    '-l': limit,
    '--role': role,
    '--tags': tags,
    '--skip-tags': skipTags,
    '--start-at': startAt,
    '-i': inventory,
    '--ask': ask,
  }
  const given = Object.entries(options).flatMap(([flag, value]) => (value === undefined ? [] : [flag]))
  if (given.length === 0) return
  throw new RolecallError({
    code: 'usage',
    message: `${given.join(' and ')} cannot be combined with a saved plan, which has its own hosts and roles`,
    hint: 'use these options with rolecall check PLAYBOOK --out FILE',
  })
}
