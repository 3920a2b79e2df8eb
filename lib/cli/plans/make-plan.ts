import { randomBytes } from 'node:crypto'
import { RolecallError, type Problem } from '../../errors.ts'
import { shown } from '../../gate/gate.ts'
import { loadPolicies } from '../../playbook/load/policies.ts'
import type { Policy } from '../../playbook/policy.ts'
import { problemsText } from '../../report/problem.ts'
import type { Ending } from '../../report/report.ts'
import { paintFor } from '../../report/text/paint.ts'
import { nameOf, thisRunner, typedExtra } from '../../runner/journal/request.ts'
import { JOURNALS } from '../../runner/journal/journal-directory.ts'
import { ciUrlIn, sourceStateOf } from '../../runner/journal/source-state.ts'
import { costOf } from '../../runner/plan/cost.ts'
import { planText, sealed, type SavedPlan } from '../../runner/plan/plan-file.ts'
import { PlanKey, planKey } from '../../runner/plan/plan-key.ts'
import { objections } from '../../runner/plan/policies.ts'
import { PlanRecorder } from '../../runner/plan/recorder.ts'
import { selectionIn, withoutSecrets, type RunRequest } from '../../runner/journal/request.ts'
import type { RunOptions } from '../../runner/run.ts'
import type { Unit } from '../../runner/units/units.ts'
import { EXIT, isInterruption } from '../exit-codes.ts'
import { executeRun, requestOf, type RunDisplay, type RunCallbacks } from '../execute-run.ts'
import { writeWhole } from '../../machine/write-whole.ts'
import { nextCommands, quotedWord } from '../next-commands.ts'
import { print } from '../print.ts'
import type { RunFlags } from '../run-options.ts'
import { policyFiles } from './policy-files.ts'
import { costLines } from './cost-lines.ts'

export interface PlanFlags extends RunFlags {
  readonly out?: string
  readonly watch?: boolean
  /** Milliseconds. */
  readonly expires?: number
}

/** The plan that a check has made. */
interface MadePlan {
  readonly plan: SavedPlan
  readonly policies: readonly Policy[]
  readonly recorder: PlanRecorder
  readonly ending: Ending
  readonly key: PlanKey
  readonly playbookDigest: string
}

const DEFAULT_EXPIRY_MS = 24 * 3_600_000

/** Checks a playbook and makes a plan of its result. */
export async function checkForPlan(
  playbook: string,
  what: RunOptions,
  flags: RunDisplay,
  { expires = DEFAULT_EXPIRY_MS, ...callbacks }: RunCallbacks & { readonly expires?: number } = {},
): Promise<MadePlan> {
  // A policy that cannot be loaded is refused before any host is asked.
  const policies = await loadPolicies(policyFiles(process.cwd()), process.cwd())
  const key = planKey(process.cwd())
  const recorder = new UnitsKept(key)
  const source = sourceStateOf(process.cwd())
  let playbookDigest = ''
  const ending = await executeRun(playbook, { ...what, mode: 'check', observer: recorder }, flags, {
    ...callbacks,
    onEvent: (event) => recorder.tell(event),
    onLoaded: (loaded) => {
      playbookDigest = key.digest('playbook', loaded.digest)
      callbacks.onLoaded?.(loaded)
    },
  })
  const at = Date.now()
  const ci = ciUrlIn(process.env)
  const plan = sealed(
    {
      type: 'plan',
      version: 1,
      id: randomBytes(8).toString('hex'),
      at,
      expiresAt: at + expires,
      by: thisRunner(),
      program: process.env['ROLECALL_VERSION'] ?? 'development',
      source: (await source) ?? {},
      ...(ci === undefined ? {} : { ci }),
      request: requestRecorded(playbook, what, recorder.kept),
      key: key.id,
      digests: { playbook: playbookDigest, inventory: recorder.inventoryDigest },
      units: shown(recorder.plannedUnits),
      resources: recorder.resources,
      events: recorder.events,
    },
    key,
  )
  return { plan, policies, recorder, ending, key, playbookDigest }
}

/** Keeps the units, whose schemas define which values of `-e` are secret. */
class UnitsKept extends PlanRecorder {
  kept: readonly Unit[] = []

  override async units(units: readonly Unit[], inventoryDigest: string): Promise<void> {
    this.kept = units
    await super.units(units, inventoryDigest)
  }
}

function requestRecorded(playbook: string, what: RunOptions, units: readonly Unit[]): RunRequest {
  const { inventory = 'inventory', extra = [] } = what
  return { mode: 'apply', playbook, inventory, ...selectionIn(what), ...withoutSecrets(extra, units) }
}

/** `rolecall check PLAYBOOK --out FILE` */
export async function savePlan(playbook: string, flags: PlanFlags & { readonly out: string }): Promise<void> {
  const { out, expires } = flags
  const command = `rolecall apply ${quotedWord(out)}`
  const what = requestOf('check', flags)
  const { resume } = nextCommands(playbook, what)
  const next = { ...(resume === undefined ? {} : { resume }), apply: command }
  const { plan, policies, recorder, ending } = await checkForPlan(playbook, what, flags, {
    next,
    ...(expires === undefined ? {} : { expires }),
  })
  if (ending.summary === undefined) return
  const hosts = Object.values(ending.summary.hosts)
  if (hosts.length > 0 && hosts.every(({ failed, unreachable }) => unreachable || failed > 0)) {
    const which = hosts.length === 1 ? 'the only host' : `each of ${hosts.length} hosts`
    if (flags.json !== true) print([`no plan is written to ${out}: ${which} failed`])
    return
  }
  writeWhole(out, planText(plan), { mode: 0o600 })
  tellObjections(objectionsOf(policies, playbook, recorder))
  if (flags.json === true) return
  const until = new Date(plan.expiresAt).toLocaleString('sv-SE').slice(0, 16)
  print([
    ...costLines(costOf(plan.resources, JOURNALS)),
    `plan ${plan.id} is in ${out}, until ${until}: rolecall plan show ${quotedWord(out)}`,
    ...missingExtra(plan),
  ])
}

function missingExtra({ request }: SavedPlan): string[] {
  if (request.withheld.length === 0) return []
  return [
    `the plan has no secrets, so they must be given again: ${request.withheld.map((name) => typedExtra(name)).join(' ')}`,
  ]
}

/**
 * `rolecall check PLAYBOOK` in a project with policies: says what they would object to, for apply would be refused. Nothing is saved, so a key that nobody
 * keeps is enough.
 */
export async function checkAgainstPolicies(playbook: string, flags: RunFlags): Promise<void> {
  const policies = await loadPolicies(policyFiles(process.cwd()), process.cwd())
  const recorder = new UnitsKept(new PlanKey(randomBytes(KEY_BYTES)))
  const what = requestOf('check', flags)
  const ending = await executeRun(playbook, { ...what, observer: recorder }, flags, {
    onEvent: (event) => recorder.tell(event),
  })
  if (isInterruption(process.exitCode) || ending.summary === undefined) return
  tellObjections(objectionsOf(policies, playbook, recorder))
}

const KEY_BYTES = 32

/** The objections of policies to what a check has found. */
function objectionsOf(policies: readonly Policy[], playbook: string, recorder: PlanRecorder): readonly Problem[] {
  if (policies.length === 0) return []
  const hosts = [...new Set(recorder.plannedUnits.map(({ host }) => host))]
  return objections(policies, recorder.live, { playbook, hosts, at: new Date() })
}

function tellObjections(problems: readonly Problem[]): void {
  if (problems.length === 0) return
  process.stderr.write(`${problemsText(shown(problems), paintFor('stderr'))}\n`)
  process.exitCode = EXIT.request
}

/** Throws a RolecallError if a policy objects to the plan. */
export function requirePolicies(policies: readonly Policy[], playbook: string, recorder: PlanRecorder): void {
  const problems = objectionsOf(policies, playbook, recorder)
  if (problems.length > 0) throw new RolecallError(problems)
}

/** Throws a RolecallError if a secret that the plan was made with by `-e` is not given again. */
export function requireExtra({ request }: SavedPlan, extra: readonly string[], command: string): void {
  const given = new Set(extra.map(nameOf))
  const missing = request.withheld.filter((name) => !given.has(name))
  if (missing.length === 0) return
  throw new RolecallError({
    code: 'usage',
    message: 'the plan was made with a secret by -e, and plans have no secrets',
    expected: missing.map((name) => typedExtra(name)).join(' '),
    hint: `give the secret again: ${command} ${missing.map((name) => typedExtra(name, 'VALUE')).join(' ')}`,
  })
}
