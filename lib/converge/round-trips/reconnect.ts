import type { Problem } from '../../errors.ts'
import { applyBatch, type BatchResult, type OnStep } from './apply-batch.ts'
import { repliesNow } from './probe-all.ts'
import type { BatchItem, Forecast } from '../forecast.ts'
import type { Plan, Reconnect, Resource } from '../../resources/kit/kind.ts'
import type { ConvergeContext } from '../converge-context.ts'

/** How to connect again after the plan; undefined if no step ends the connection. */
function reconnectOf({ steps }: Plan): Reconnect | undefined {
  return steps.find(({ reconnect }) => reconnect !== undefined)?.reconnect
}

/** Whether a batch is one resource whose steps end the connection. */
export function endsConnection([item]: readonly BatchItem[]): boolean {
  return item !== undefined && reconnectOf(item.plan) !== undefined
}

/** A step that ends the connection has a round trip of its own: the results of earlier steps must be known. */
export function untilDisconnect(batch: readonly BatchItem[]): readonly BatchItem[] {
  const at = batch.findIndex(({ plan }) => reconnectOf(plan) !== undefined)
  return at < 0 ? batch : batch.slice(0, Math.max(1, at))
}

/** Runs the steps of one resource, the last of which ends the connection; connects again, and probes every resource. */
export async function applyAndReconnect(
  context: ConvergeContext,
  batch: readonly BatchItem[],
  resources: readonly Resource[],
  onStep: OnStep,
): Promise<BatchResult> {
  const [item] = batch
  const how = item && reconnectOf(item.plan)
  if (item === undefined || how === undefined || context.reconnect === undefined)
    throw new Error('no step ends the connection')
  const connection = { isEnding: false }
  const watching: OnStep = (news) => {
    if (item.plan.steps[news.step]?.reconnect !== undefined) connection.isEnding = true
    onStep(news)
  }
  try {
    const { failed } = await applyBatch(context, batch, [], watching)
    if (failed) return { done: [], failed, replies: await repliesNow(context.host, resources) }
  } catch (error) {
    // The connection may end before the answer arrives.
    if (!connection.isEnding || context.signal.aborted) throw error
  }
  await context.reconnect(how)
  const done = item.plan.steps.map((_, step) => ({ item, step, code: 0, stdout: '', stderr: '' }))
  return { done, failed: undefined, replies: await repliesNow(context.host, resources) }
}

/** The problem with a step that ends the connection if connecting again is not possible. */
export function unableToReconnect(
  { host, role, reconnect }: ConvergeContext,
  { resource, evaluation }: Forecast,
): Problem | undefined {
  if (reconnect !== undefined || evaluation.type !== 'planned' || reconnectOf(evaluation.plan) === undefined)
    return undefined
  const { place } = resource.madeAt
  return {
    code: 'unsupported',
    host: host.name,
    role,
    resource: resource.id,
    ...(place === undefined ? {} : { place }),
    message: 'Rolecall cannot connect to this host again by itself',
    expected: 'a host that is reached over SSH, and a role without a user of its own',
    hint: 'reboot it by hand: Rolecall reboots neither this machine itself nor containers that only their engine can start',
  }
}
