import { RolecallError } from '../../errors.ts'
import { JOURNALS } from '../../runner/journal/journal-directory.ts'
import { Approval } from '../../runner/plan/approval.ts'
import { costOf } from '../../runner/plan/cost.ts'
import { silentView } from '../../report/views/silent.ts'
import { executeRun, requestOf } from '../execute-run.ts'
import { EXIT, isInterruption } from '../exit-codes.ts'
import { print } from '../print.ts'
import type { ApplyFlags } from './apply-plan.ts'
import { costLines } from './cost-lines.ts'
import { checkForPlan, requirePolicies } from './make-plan.ts'

/**
 * `rolecall apply PLAYBOOK --ask`: shows the plan, asks, and makes only the changes of that plan. In a project with policies, every apply works like this, but without
 * the question.
 */
export async function applyAsked(playbook: string, flags: ApplyFlags): Promise<void> {
  const { ask = false, yes = false, json = false, allowUnknown = false } = flags
  const isAsked = ask && !yes
  if (isAsked && !(process.stdin.isTTY && process.stderr.isTTY))
    throw new RolecallError({
      code: 'usage',
      message: 'there is no terminal to ask at',
      expected: '--yes, to answer in advance',
      hint: 'save the plan for review: rolecall check PLAYBOOK --out FILE, then rolecall apply FILE',
    })
  const what = requestOf('apply', flags)
  const { plan, policies, recorder, ending, key } = await checkForPlan(
    playbook,
    what,
    json ? { ...flags, json: false, quiet: true } : flags,
    {
      next: {},
      ...(json ? { view: silentView } : {}),
    },
  )
  if (isInterruption(process.exitCode) || ending.summary === undefined) return
  requirePolicies(policies, playbook, recorder)
  if (!json) print(costLines(costOf(plan.resources, JOURNALS)))
  const isNothing = plan.resources.every(({ status }) => status !== 'changed' && status !== 'unknown')
  if (isNothing && ending.summary.ok) return
  if (isAsked && !(await isConfirmed(plan.resources.some(({ status }) => status === 'unknown')))) {
    process.exitCode = EXIT.request
    return
  }
  // With --ask or --yes a person has accepted the unknowns. Policies have not, because they see only known changes.
  const approval = new Approval(plan, key, { allowUnknown: ask || yes || allowUnknown, differences: [] })
  await executeRun(playbook, { ...what, observer: withoutPlan(approval) }, { ...flags, types: false })
}

/** Leaves out the plan's id, so that the run can be resumed like any run without a saved plan. */
function withoutPlan(approval: Approval) {
  return {
    units: approval.units.bind(approval),
    objection: approval.objection.bind(approval),
  }
}

async function isConfirmed(hasUnknown: boolean): Promise<boolean> {
  const { ask } = await import('../ask/ask-hidden.ts')
  const what = hasUnknown ? 'Make these changes, including the unknown ones?' : 'Make these changes?'
  const answer = await ask(`${what} [y/N] `, { hidden: false }).catch((error: unknown) => {
    process.stderr.write('\nNothing was changed.\n')
    throw error
  })
  if (/^\s*y(es)?\s*$/i.test(answer)) return true
  process.stderr.write('Nothing was changed.\n')
  return false
}
