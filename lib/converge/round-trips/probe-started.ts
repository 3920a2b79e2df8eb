import { setTimeout as sleep } from 'node:timers/promises'
import type { Problem } from '../../errors.ts'
import type { Host } from '../../host/host.ts'
import { MUST_LIVE_SECONDS, type AfterStart, type LaterState } from '../../resources/processes/after-start.ts'
import { notUp } from '../problems.ts'
import type { StartedResources, StartedResource } from '../started-resources.ts'
import { repliesOf } from './probe-all.ts'

/** A log is cut to its last lines on the host. */
const MOST_BYTES = 64 * 1024

/** A program that is restarted automatically gets 10 s: it may fail until another program is up. */
const MOST_PROBES = 5

type Watched = StartedResource & { readonly how: AfterStart }

interface Seen {
  readonly thing: Watched
  readonly state: LaterState
}

/**
 * Probes what was started on a host once more, in one round trip, `MUST_LIVE_SECONDS` after the last start. What was restarted automatically meanwhile is probed
 * again, until it has lived that long. Returns a problem for each that is not up.
 */
export async function probeStarted(started: StartedResources, signal: AbortSignal): Promise<readonly Problem[]> {
  const things = started.take().flatMap((thing): Watched[] => {
    const how = thing.resource.afterStart
    return how === undefined ? [] : [{ ...thing, how }]
  })
  const begun = Math.max(...things.map(({ at }) => at))
  const problems: Problem[] = []
  const restarts = new Map<Watched, number>()
  let left = things
  for (let probes = 1; left.length > 0; probes++) {
    await wait(probes === 1 ? begun + MUST_LIVE_SECONDS * 1000 - Date.now() : MUST_LIVE_SECONDS * 1000, signal)
    const unsettled: Watched[] = []
    for (const { thing, state } of await probe(left)) {
      const known = restarts.get(thing) ?? 0
      if (state.type === 'up') restarts.set(thing, state.restarts)
      const isSettled = state.type === 'up' ? state.restarts === known : state.type !== 'restarting'
      if (!isSettled && probes < MOST_PROBES) unsettled.push(thing)
      else problems.push(...problemOf(thing, isSettled ? state : endless(state)))
    }
    left = unsettled
  }
  return problems
}

/** The state of a program that restarts again and again. */
function endless(state: LaterState): LaterState {
  if (state.type !== 'up') return state
  const { restarts, log } = state
  return {
    type: 'failed',
    message: `it ends soon after each start, and was started again ${restarts} times by now`,
    log,
  }
}

async function probe(things: readonly Watched[]): Promise<readonly Seen[]> {
  const hosts = [...new Set(things.map(({ context }) => context.host))]
  const seen = await Promise.all(
    hosts.map((host) =>
      probeOn(
        host,
        things.filter(({ context }) => context.host === host),
      ),
    ),
  )
  return seen.flat()
}

async function probeOn(host: Host, things: readonly Watched[]): Promise<readonly Seen[]> {
  const answers = await host.ask(
    things.map(({ resource, how, at }, index) => ({
      name: `after start ${index} ${resource.id}`,
      of: resource.id,
      sh: how.look(Math.ceil((Date.now() - at) / 1000) + MUST_LIVE_SECONDS),
      question: 'sequential' as const,
      mostBytes: MOST_BYTES,
    })),
  )
  return repliesOf(answers).flatMap((reply, index) => {
    const thing = things[index]
    return thing === undefined ? [] : [{ thing, state: thing.how.read(reply) }]
  })
}

function problemOf({ resource, context, mayBeStopped }: Watched, state: LaterState): Problem[] {
  if (state.type === 'up' || (state.type === 'down' && mayBeStopped)) return []
  return [notUp(context, resource, state)]
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal })
}
