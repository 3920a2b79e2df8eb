import { RolecallError, type Problem } from '../../errors.ts'
import type { RunEvent } from '../../events.ts'
import type { Host } from '../../host/host.ts'
import { StepOutput } from '../../converge/events/step-output.ts'
import { playbook, type Playbook } from '../../playbook/playbook.ts'
import { role } from '../../playbook/role.ts'

/** Work that a person requests without a playbook, such as one command on some hosts. */
export interface HandWork {
  /** The name in the journal: `run uptime`. */
  readonly command: string
  /** The name in reports: `run:uptime`. */
  readonly resource: string
  /** The work in words. */
  readonly summary: string
  /** The user that does the work on the host. Default: as the inventory says. */
  readonly user?: string
  /** The word of the command line that says on which hosts. Default: `--limit`. */
  readonly limitPlace?: string
  /** Whether the run locks each host meanwhile. */
  readonly locksHost: boolean
  /** Does the work on one host. */
  perform(host: Host, hear: HandOutput): Promise<HandResult>
}

/** Receives the output of the work. */
type HandOutput = (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void

/** The result. `ok`: nothing was changed. */
type HandResult =
  | { readonly type: 'ok' }
  | { readonly type: 'changed' }
  | { readonly type: 'failed'; readonly problem: Omit<Problem, 'host' | 'role' | 'resource'> }

/** The name of the only role in the playbook of such work. */
export const BY_HAND = 'by-hand'

/** A playbook with one empty role on every host, for which the work is done. */
export function handPlaybook(user?: string): Playbook {
  const empty = role({ name: BY_HAND, ...(user === undefined ? {} : { user }), apply: () => Promise.resolve() })
  return playbook({ name: BY_HAND, plays: [{ name: BY_HAND, hosts: 'all', roles: [empty] }] })
}

/** Does the work on one host and reports it in the events of a run. Throws a RolecallError when the work failed. */
export async function performByHand(
  work: HandWork,
  host: Host,
  { emit, signal }: { readonly emit: (event: RunEvent) => void; readonly signal: AbortSignal },
): Promise<void> {
  signal.throwIfAborted()
  const startedAt = Date.now()
  const about = { host: host.name, role: BY_HAND, resource: work.resource }
  const output = new StepOutput()
  const tell = (stream: 'stdout' | 'stderr', text: string) => {
    if (text !== '') emit({ type: 'output', ...about, stream, text, at: Date.now() })
  }
  emit({ type: 'step', ...about, say: work.summary, at: startedAt })
  const end = (status: 'ok' | 'changed' | 'failed', reason?: string) => {
    for (const stream of ['stdout', 'stderr'] as const) tell(stream, output.rest(stream))
    emit({
      type: 'resource',
      ...about,
      status,
      steps: status === 'changed' ? [work.summary] : [],
      ...(reason === undefined ? {} : { reason }),
      ...(status === 'failed' && signal.aborted ? { interrupted: true as const } : {}),
      durationMs: Date.now() - startedAt,
      at: Date.now(),
    })
  }
  try {
    const result = await work.perform(host, (stream, bytes) => tell(stream, output.take(stream, bytes).text))
    if (result.type === 'failed') throw new RolecallError({ ...about, ...result.problem })
    end(result.type === 'ok' ? 'ok' : 'changed')
  } catch (error) {
    const [problem] = error instanceof RolecallError ? error.problems : []
    end('failed', signal.aborted ? 'stopped before it had ended' : problem?.message)
    throw error
  }
}
