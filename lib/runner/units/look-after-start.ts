import { lookAgain } from '../../converge/round-trips/look-again.ts'
import { RolecallError, type Problem } from '../../errors.ts'
import type { RunEvent } from '../../events.ts'
import type { HostSession } from '../hosts/pool.ts'

type Emit = (event: RunEvent) => void

/**
 * Looks once more at what roles have started on a host, and reports what is not up any more as failed: the resource that started it, in its own
 * role. Returns the problems; none where the host cannot be asked, for that is a problem of its own.
 */
export async function lookAfterStart(
  { host, started }: Pick<HostSession, 'host' | 'started'>,
  { emit, signal }: { readonly emit: Emit; readonly signal: AbortSignal },
): Promise<readonly Problem[]> {
  if (started.isEmpty || host.isAbandoned || signal.aborted) return []
  const problems = await lookAgain(started, signal)
  for (const problem of problems) emit(failedResource(host.name, problem))
  return problems
}

/** The same after a failure, which is told in any case. */
export async function lookAfterFailure(
  error: RolecallError,
  session: HostSession,
  context: { readonly emit: Emit; readonly signal: AbortSignal },
): Promise<RolecallError> {
  try {
    const more = await lookAfterStart(session, context)
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
