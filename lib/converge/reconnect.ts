import type { Problem } from '../errors.ts'
import { actOnly, probeAll, type ActResult, type Watch } from './exchange.ts'
import type { BatchItem, Forecast } from './forecast.ts'
import type { Plan, Reconnect, Reply, Resource } from '../resources/kit/kind.ts'
import type { ConvergeContext } from './converge-context.ts'

/** How the plan's connection is taken up again; undefined: no step of it ends one. */
function reconnectOf({ steps }: Plan): Reconnect | undefined {
  return steps.find(({ reconnect }) => reconnect !== undefined)?.reconnect
}

/** A step that ends the connection shares no round trip: what was done before it must be known. */
export function alone(batch: readonly BatchItem[]): { readonly batch: BatchItem[]; readonly endsConnection: boolean } {
  const at = batch.findIndex(({ plan }) => reconnectOf(plan) !== undefined)
  if (at < 0) return { batch: [...batch], endsConnection: false }
  return { batch: batch.slice(0, Math.max(1, at)), endsConnection: at === 0 }
}

/** Does the steps of one resource, of which the last ends the connection, takes it up again, and asks about every resource. */
export async function actAndReconnect(
  ground: ConvergeContext,
  batch: readonly BatchItem[],
  resources: readonly Resource[],
  watch: Watch,
): Promise<ActResult> {
  const [due] = batch
  const how = due && reconnectOf(due.plan)
  if (due === undefined || how === undefined || ground.reconnect === undefined)
    throw new Error('no step ends the connection')
  const connection = { isEnding: false }
  const told: Watch = (news) => {
    if (due.plan.steps[news.step]?.reconnect !== undefined) connection.isEnding = true
    watch(news)
  }
  const done = due.plan.steps.map((_, step) => ({ due, step, code: 0, stdout: '', stderr: '' }))
  try {
    const { failed } = await actOnly(ground, batch, told)
    if (failed) return { done: [], failed, stale: undefined, replies: await repliesNow(ground, resources) }
  } catch (error) {
    // The connection may end before the answer has come.
    if (!connection.isEnding || ground.signal.aborted) throw error
  }
  await ground.reconnect(how)
  return { done, failed: undefined, stale: undefined, replies: await repliesNow(ground, resources) }
}

async function repliesNow({ host }: ConvergeContext, resources: readonly Resource[]): Promise<Reply[]> {
  const replies: Reply[] = []
  await probeAll(host, resources, 'quickProbe', (reply) => replies.push(reply))
  return replies
}

/** What is wrong with a step that ends the connection where it cannot be taken up again. */
export function unableToReconnect(
  { host, role, reconnect }: ConvergeContext,
  { resource, evaluation }: Forecast,
): Problem | undefined {
  if (reconnect !== undefined || !('plan' in evaluation) || reconnectOf(evaluation.plan) === undefined) return undefined
  const { place } = resource.madeAt
  return {
    code: 'unsupported',
    host: host.name,
    role,
    resource: resource.id,
    ...(place === undefined ? {} : { place }),
    message: 'the connection to this host cannot be taken up again by itself',
    expected: 'a host that is reached over SSH, and a role without a user of its own',
    hint: 'this machine itself, and containers that an engine starts again, are rebooted by hand',
  }
}
