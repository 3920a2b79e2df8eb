import { RolecallError, type Problem } from '../../errors.ts'
import { Host, type ConnectOptions } from '../../host/host.ts'
import type { Host as InventoryHost } from '../../inventory/inventory.ts'
import { pause, type Wait } from './pause.ts'

/** Seconds before the second and the third attempt. */
const DELAYS = [2, 4]

/**
 * Problems that may be gone in a moment: sshd restarts, or refuses because too many log in at once (MaxStartups); a host boots; a connection broke
 * before anything was done; a name server did not answer.
 */
const TRANSIENT =
  /ECONNREFUSED|ECONNRESET|EPIPE|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|before handshake|closed at once|socket hang up|Not enough data|banner/i

/**
 * Connects, and tries again where this may help. Nothing has been done on the host yet, so this is safe. A host that does not answer at all is given
 * up at once: it had its full time for an answer.
 */
export async function connectWithRetry(
  { name, connection }: InventoryHost,
  options: ConnectOptions,
  wait: Wait,
): Promise<Host> {
  for (let tried = 1; ; tried++) {
    try {
      const { opening, ...again } = options
      return await Host.connect(name, connection, tried === 1 && opening !== undefined ? { ...again, opening } : again)
    } catch (error) {
      const delay = DELAYS[tried - 1]
      const problem = error instanceof RolecallError ? error.problems[0] : undefined
      if (delay === undefined || problem === undefined || !mayPass(problem) || wait.signal.aborted) throw error
      wait.say(`${reasonOf(problem)}: trying again in ${delay} s (${tried + 1} of ${DELAYS.length + 1})`)
      // Attempts are spread in time: many hosts behind one gateway would be refused together again.
      await pause(delay * 1000 * (0.75 + Math.random() / 2), wait.signal)
    }
  }
}

/** A problem in one line. */
export function reasonOf({ message, got }: Problem): string {
  return got === undefined ? message : `${message} (${got})`
}

function mayPass({ code, got = '', message }: Problem): boolean {
  return (
    (code === 'lost' && message.startsWith('lost the connection')) ||
    (code === 'connect' && TRANSIENT.test(`${message} ${got}`))
  )
}
