import type { z } from 'zod'
import { inShort, askedFor } from '../../converge/events/asked.ts'
import { Calls } from '../../converge/context/calls.ts'
import { roleCommands } from '../../converge/context/command.ts'
import { ensure, type ConvergeContext } from '../../converge/ensure.ts'
import { fetchFile } from '../../converge/context/fetch-file.ts'
import { readFetch } from '../../converge/context/fetch-options.ts'
import { wouldChange } from '../../converge/would-change.ts'
import { PredictionLimit } from '../../converge/context/prediction-limit.ts'
import { predictedReads } from '../../converge/context/read-predicted.ts'
import { ResourceReporter } from '../../converge/events/resource-reporter.ts'
import { commandsOf } from '../../host/commands.ts'
import { detailsOf } from '../../host/details/ask.ts'
import type { DetailsOptions } from '../../details.ts'
import type { ApplyContext, CommonContext } from '../../playbook/context.ts'
import type { Outcome } from '../../playbook/role-commands.ts'
import type { Resource } from '../../resources/kit/kind.ts'
import type { Host as InventoryHost } from '../../inventory/inventory.ts'
import type { HostSession } from '../hosts/pool.ts'
import { reachedSite } from './site.ts'
import type { Unit } from './units.ts'
import type { RoleVars, UnitContext } from '../hosts/unit-context.ts'

/** Where resources of another host are converged, and the lock of its turn. */
export interface Elsewhere extends Pick<HostSession, 'turn'> {
  readonly convergeContext: ConvergeContext
}

interface Surroundings
  extends Pick<UnitContext, 'onLate' | 'once' | 'inventory' | 'playbook'>, Pick<HostSession, 'turn'> {
  readonly elsewhere: (host: InventoryHost) => Promise<Elsewhere>
  /** Receives every resource that is given to a host. */
  readonly asked: (host: string, resources: readonly Resource[]) => void
}

/** Sets a host up as a role says; in check mode reports what this would take. */
export async function applyRole(
  unit: Unit,
  common: CommonContext<RoleVars>,
  convergeContext: ConvergeContext,
  { onLate, elsewhere, asked, turn, ...unitContext }: Surroundings,
): Promise<void> {
  const { role } = unit
  const limit = new PredictionLimit(convergeContext.prediction)
  const calls = new Calls({ host: convergeContext.host.name, role: role.name }, onLate === undefined ? {} : { onLate })
  const make = <T>(what: string, resources: readonly Resource[], answer: (outcomes: Outcome[]) => T): Promise<T> => {
    calls.given(resources)
    asked(convergeContext.host.name, resources)
    return calls.call(
      what,
      async () => {
        limit.hold()
        return answer(await turn(() => ensure(convergeContext, resources)))
      },
      () => new ResourceReporter(convergeContext, resources).notBegun('not awaited, and not begun'),
    )
  }
  const watch = {
    before: async (command: string) => {
      await calls.beforeCommand()
      if (convergeContext.mode === 'check') await limit.watch.before(command)
    },
    after: (command: string, code: number) => {
      if (convergeContext.mode === 'check') limit.watch.after(command, code)
    },
  }
  const { exists, read } = predictedReads(convergeContext, limit)
  const site = reachedSite(unitContext, {
    ensure(host, given) {
      const resources = askedFor(given)
      calls.given(resources)
      asked(host.name, resources)
      return calls.call(
        `ensure(${inShort(resources.map(({ id }) => id))}) on ${host.name}`,
        async () => {
          limit.hold()
          const other = await elsewhere(host)
          return await other.turn(() => ensure(other.convergeContext, resources))
        },
        () => undefined,
      )
    },
    read: (host, path, options) =>
      calls.call(`read('${path}') on ${host.name}`, async () => {
        const other = await elsewhere(host)
        return await other.turn(() => predictedReads(other.convergeContext, limit).read(path, options))
      }),
    facts: (host) =>
      calls.call(`facts of ${host.name}`, async () => (await elsewhere(host)).convergeContext.host.facts),
    details: (host) => (options) =>
      calls.call(`details of ${host.name}`, async () => {
        const other = await elsewhere(host)
        return await other.turn(() => foreseenDetails(other.convergeContext, limit, options))
      }),
  })
  const context: ApplyContext<RoleVars> = {
    ...common,
    checking: convergeContext.mode === 'check',
    site,
    once: (what, work, { per = 'play' } = {}) =>
      unitContext.once.run(unit, what, work, { per, end: (reason) => limit.end(reason) }),
    changes(...given) {
      const resources = askedFor(given)
      return calls.call(`changes(${inShort(resources.map(({ id }) => id))})`, async () => {
        limit.hold()
        const found = await wouldChange(convergeContext, resources)
        return typeof found === 'boolean' ? found : limit.end(found.unknown)
      })
    },
    ensure(...given) {
      const resources = askedFor(given)
      return make(`ensure(${inShort(resources.map(({ id }) => id))})`, resources, (outcomes) => outcomes)
    },
    $: roleCommands(
      calls,
      (resource) => make('$({ ... })', [resource], only),
      () => commandsOf(convergeContext.host, undefined, watch),
    ),
    details: (options) => calls.call('details()', () => turn(() => foreseenDetails(convergeContext, limit, options))),
    exists: (path) => calls.call(`exists('${path}')`, () => exists(path)),
    read: (path, options) => calls.call(`read('${path}')`, () => read(path, options)),
    fetchFile(path, to, options = {}) {
      const asked = readFetch(path, to, options, convergeContext.host.name)
      return calls.call(`fetchFile('${path}')`, async () => {
        limit.hold()
        return await turn(() => fetchFile(convergeContext, limit, path, asked.to, asked.options))
      })
    },
  }
  const reason = await limit.runUntilLimit(
    () => calls.watch(() => role.apply(context), limit.isOver),
    convergeContext.signal,
  )
  if (reason !== undefined) tellRest(convergeContext, reason)
}

/** Where files of facts are about to change nobody knows yet what they will say. */
async function foreseenDetails<Custom extends z.ZodObject>(
  { host, prediction }: ConvergeContext,
  limit: PredictionLimit,
  options: DetailsOptions<Custom> = {},
) {
  limit.hold()
  const pending = options.custom === undefined ? undefined : prediction.paths.get('/etc/ansible/facts.d')
  if (pending !== undefined) limit.end(`custom facts are known only after ${pending.from}`)
  limit.looked()
  return await detailsOf(host)(options)
}

function only([outcome]: readonly Outcome[]): Outcome {
  if (outcome === undefined) throw new Error('a command had no outcome')
  return outcome
}

/** Reports the part of a role that cannot be predicted as one `unknown`; later roles may depend on any effect of it. */
function tellRest({ host, role, prediction, emit }: ConvergeContext, reason: string): void {
  const resource = `role:${role}`
  prediction.record(resource, [{ type: 'anything' }])
  const event = { host: host.name, role, resource, status: 'unknown', reason } as const
  emit({ type: 'resource', ...event, steps: [], durationMs: 0, at: Date.now() })
}
