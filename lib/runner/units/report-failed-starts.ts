import { probeStarted } from '../../converge/round-trips/probe-started.ts'
import { RolecallError, type Problem } from '../../errors.ts'
import type { RunEvent } from '../../events.ts'
import type { HostSession } from '../hosts/pool.ts'

type Emit = (event: RunEvent) => void

/**
 * Probes what roles have started on a host once more, and reports each resource whose program is not up any more as failed, in the role that started it.
 * Returns the problems; none if the host cannot be reached, which is reported elsewhere.
 */
export async function reportFailedStarts(
  { host, started }: Pick<HostSession, 'host' | 'started'>,
  { emit, signal }: { readonly emit: Emit; readonly signal: AbortSignal },
): Promise<readonly Problem[]> {
  if (started.isEmpty || host.isAbandoned || signal.aborted) return []
  const problems = await probeStarted(started, signal)
  for (const problem of problems) emit(failedResource(host.name, problem))
  return problems
}

/** Does the same after a failure, and returns that failure with the further problems. */
export async function withFailedStarts(
  error: RolecallError,
  session: HostSession,
  context: { readonly emit: Emit; readonly signal: AbortSignal },
): Promise<RolecallError> {
  try {
    const more = await reportFailedStarts(session, context)
    return more.length === 0 ? error : new RolecallError([...error.problems, ...more])
  } catch (second) {
    // The connection is lost, which the first error says already; or the run was interrupted.
    if (second instanceof RolecallError || context.signal.aborted) return error
    throw second
  }
}

function failedResource(host: string, { role = '', resource = '', message, lastLine }: Problem): RunEvent {
  return {
    type: 'resource',
    host,
    role,
    resource,
    status: 'failed',
    steps: [],
    reason: message,
    ...(lastLine === undefined ? {} : { lastLine }),
    durationMs: 0,
    at: Date.now(),
  }
}
