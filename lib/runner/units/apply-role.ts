import { inShort, askedFor } from '../../converge/events/asked.ts'
import { Calls } from '../../converge/context/calls.ts'
import { ensure, type ConvergeContext } from '../../converge/ensure.ts'
import { PredictionLimit } from '../../converge/context/prediction-limit.ts'
import { PathQuestions } from '../../converge/context/path-questions.ts'
import { predictedReads, readQuestion } from '../../converge/context/read-predicted.ts'
import { foreseenDetails, roleActions, type ActionPlace } from '../../converge/context/role-actions.ts'
import { checkedContext } from '../../playbook/checked-context.ts'
import type { ApplyContext, CommonContext } from '../../playbook/context.ts'
import { placeOfRole } from '../../playbook/role.ts'
import type { Resource } from '../../resources/kit/kind.ts'
import type { Host as InventoryHost } from '../../inventory/inventory.ts'
import type { HostSession } from '../hosts/pool.ts'
import { reachedSite, roleHost } from './site.ts'
import type { Unit } from './units.ts'
import type { RoleVars, UnitContext } from '../hosts/unit-context.ts'

interface Surroundings
  extends Pick<UnitContext, 'onLate' | 'once' | 'inventory' | 'playbook'>, Pick<HostSession, 'turn'> {
  /** Another host, where resources are converged in turn with other roles. */
  readonly elsewhere: (host: InventoryHost) => Promise<ActionPlace>
  /** Receives every resource that is given to a host. */
  readonly asked: (host: string, resources: readonly Resource[]) => void
}

/** Runs a role's `apply` on a host; in check mode reports what it would change. */
export async function applyRole(
  unit: Unit,
  common: CommonContext<RoleVars>,
  convergeContext: ConvergeContext,
  { onLate, elsewhere, asked, turn, ...unitContext }: Surroundings,
): Promise<void> {
  const { role } = unit
  const limit = new PredictionLimit(convergeContext.prediction)
  const about = { host: convergeContext.host.name, role: role.name, roleAt: () => placeOfRole(role) }
  const calls = new Calls(about, onLate === undefined ? {} : { onLate })
  const questions = new PathQuestions(() => calls.made)
  /** Other hosts that the role changes. */
  const changed = new Map<string, ConvergeContext>()
  const reach = async (host: InventoryHost) => {
    const place = await elsewhere(host)
    return { ...place, limit: limit.on(place.convergeContext.prediction) }
  }
  const site = reachedSite(unitContext, {
    ensure(host, given) {
      const resources = askedFor(given)
      calls.given(resources)
      asked(host.name, resources)
      return calls.call(`ensure(${inShort(resources.map(({ id }) => id))}) on ${host.name}`, async () => {
        limit.hold()
        const other = await reach(host)
        changed.set(host.name, other.convergeContext)
        return await other.turn(() => ensure(other.convergeContext, resources))
      })
    },
    read: (host, path, options) =>
      questions.ask(` on ${host.name}`, readQuestion(path), (answer, wait) =>
        calls.call(`read('${path}') on ${host.name}`, async () => {
          const other = await reach(host)
          // In check mode each question is asked separately.
          if (other.convergeContext.mode === 'apply') wait(other.convergeContext.host)
          return await other.turn(() => predictedReads(other.convergeContext, other.limit, answer).read(path, options))
        }),
      ),
    facts: (host) =>
      calls.call(`facts of ${host.name}`, async () => (await elsewhere(host)).convergeContext.host.facts),
    details: (host) => (options) =>
      calls.call(`details of ${host.name}`, async () => {
        const other = await reach(host)
        return await other.turn(() => foreseenDetails(other.convergeContext, other.limit, options))
      }),
    async on(host, work) {
      const other = await calls.call(`on(${host.name})`, () => reach(host))
      const { emit, host: machine } = other.convergeContext
      const recorded = (resources: readonly Resource[]) => {
        changed.set(host.name, other.convergeContext)
        asked(host.name, resources)
      }
      const record = { calls, limit: other.limit, questions, asked: recorded, where: ` on ${host.name}` }
      return await work({
        ...roleActions(other, record),
        host: roleHost(host, machine.facts, role.name),
        note: (message) => emit({ type: 'note', host: host.name, role: role.name, message, at: Date.now() }),
      })
    },
  })
  const here = { convergeContext, turn }
  const context: ApplyContext<RoleVars> = {
    ...common,
    ...roleActions(here, {
      calls,
      limit,
      questions,
      asked: (resources) => asked(convergeContext.host.name, resources),
    }),
    site,
    once: (what, work, { per = 'play' } = {}) =>
      unitContext.once.run(unit, what, work, { per, end: (reason) => limit.end(reason) }),
  }
  const reason = await limit.runUntilLimit(
    () => calls.watch(() => role.apply(checkedContext(context)), limit.isOver),
    convergeContext.signal,
  )
  if (reason === undefined) return
  tellRest(convergeContext, reason)
  for (const { prediction } of changed.values()) prediction.record(`role:${role.name}`, [{ type: 'anything' }])
}

/** Reports the part of a role that cannot be predicted as one `unknown`; later roles may depend on any effect of it. */
function tellRest({ host, role, prediction, emit }: ConvergeContext, reason: string): void {
  const resource = `role:${role}`
  prediction.record(resource, [{ type: 'anything' }])
  const event = { host: host.name, role, resource, status: 'unknown', reason } as const
  emit({ type: 'resource', ...event, steps: [], durationMs: 0, at: Date.now() })
}
