import { Calls } from '../../../converge/context/calls.ts'
import { PathQuestions } from '../../../converge/context/path-questions.ts'
import { PredictionLimit } from '../../../converge/context/prediction-limit.ts'
import { roleActions } from '../../../converge/context/role-actions.ts'
import type { ConvergeContext } from '../../../converge/ensure.ts'
import { checkedContext } from '../../../playbook/checked-context.ts'
import type { ApplyContext, CommonContext } from '../../../playbook/context.ts'
import { placeOfRole } from '../../../playbook/role.ts'
import type { Resource } from '../../../resources/kit/kind.ts'
import type { HostSession } from '../../hosts/pool.ts'
import type { RoleVars, UnitContext } from '../../hosts/unit-context.ts'
import { OtherHosts, type CallRecord } from './other-hosts.ts'
import { reachedSite } from './site.ts'
import { namesOf, unreadTemplates } from './unread-templates.ts'
import type { Unit } from '../units.ts'

type Surroundings = Pick<UnitContext, 'onLate' | 'once' | 'inventory' | 'playbook'> &
  Pick<HostSession, 'inTurn'> &
  Pick<CallRecord, 'elsewhere' | 'asked'>

/** Runs a role's `apply` on a host; in check mode reports what it would change. */
export async function applyRole(
  unit: Unit,
  common: CommonContext<RoleVars>,
  convergeContext: ConvergeContext,
  { onLate, elsewhere, asked, inTurn, once, ...about }: Surroundings,
): Promise<void> {
  const { role } = unit
  const host = convergeContext.host.name
  const limit = new PredictionLimit(convergeContext.prediction)
  const calls = new Calls(
    { host, role: role.name, roleAt: () => placeOfRole(role) },
    onLate === undefined ? {} : { onLate },
  )
  const questions = new PathQuestions(() => calls.made)
  const others = new OtherHosts({ role: role.name, calls, limit, questions, elsewhere, asked })
  const variables = namesOf(common.vars, role.from)
  const record = {
    calls,
    limit,
    questions,
    asked(resources: readonly Resource[]) {
      for (const text of unreadTemplates(resources, variables)) common.note(text)
      asked(host, resources)
    },
  }
  const context: ApplyContext<RoleVars> = {
    ...common,
    ...roleActions({ convergeContext, inTurn }, record),
    site: reachedSite(about, others),
    once: (what, work, { per = 'play' } = {}) =>
      once.run(unit, what, work, { per, end: (reason) => limit.end(reason) }),
  }
  const reason = await limit.runUntilLimit(
    () => calls.watch(() => role.apply(checkedContext(context)), limit.isOver),
    convergeContext.signal,
  )
  if (reason === undefined) return
  reportRest(convergeContext, reason)
  for (const prediction of others.changed) prediction.record(`role:${role.name}`, [{ type: 'anything' }])
}

/** Reports the part of a role that cannot be predicted as one `unknown`; later roles may depend on any effect of it. */
function reportRest({ host, role, prediction, emit }: ConvergeContext, reason: string): void {
  const resource = `role:${role}`
  prediction.record(resource, [{ type: 'anything' }])
  const event = { host: host.name, role, resource, status: 'unknown', reason } as const
  emit({ type: 'resource', ...event, steps: [], durationMs: 0, at: Date.now() })
}
