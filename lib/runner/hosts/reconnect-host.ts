import { RolecallError, type Problem } from '../../errors.ts'
import { Host } from '../../host/host.ts'
import type { Host as InventoryHost } from '../../inventory/inventory.ts'
import type { Reconnect } from '../../resources/kit/kind.ts'
import { pause, type Wait } from './pause.ts'

/** A host that shuts down refuses connections, and a host that boots takes seconds. */
const POLL_MS = 1000
/** Seconds that a reachable host may take to report that it has booted. */
const ANSWER_SECONDS = 30
/** Errors that waiting does not cure: another machine may be at the other end. */
const FINAL: readonly Problem['code'][] = ['host-key', 'cancelled']

/**
 * Waits until a host is back after a step that ended its connection, and lets `host` continue on a new one. Throws a RolecallError (`lost`) that says
 * what it waited for if the host is not back in time.
 */
export async function reconnectHost(
  host: Host,
  { name, connection }: InventoryHost,
  { deadline, until }: Reconnect,
  { acceptNewHostKeys, ...wait }: Wait & { readonly acceptNewHostKeys: boolean },
): Promise<void> {
  const end = Date.now() + deadline * 1000
  let last = 'no answer'
  wait.say(`waiting up to ${deadline} s for the host to be back`)
  while (Date.now() < end && !host.isAbandoned) {
    try {
      const fresh = await Host.connect(name, connection, {
        acceptNewHostKeys,
        signal: wait.signal,
        onWaiting: wait.say,
      })
      const said: string[] = []
      const onStdout = (bytes: Uint8Array) => void said.push(Buffer.from(bytes).toString('utf8'))
      const code = await fresh
        .run({ script: until.text, seconds: ANSWER_SECONDS, mostBytes: 4096, onStdout })
        .catch((error: unknown) => {
          fresh.close()
          throw error
        })
      if (code === 0) return host.takeOver(fresh)
      fresh.close()
      last = said.join('').trim() || `its own test ends with ${code}`
    } catch (error) {
      const [problem] = error instanceof RolecallError ? error.problems : []
      if (problem === undefined || wait.signal.aborted || FINAL.includes(problem.code)) throw error
      last = problem.got === undefined ? problem.message : `${problem.message} (${problem.got})`
    }
    await pause(POLL_MS, wait.signal)
  }
  throw new RolecallError({
    code: 'lost',
    host: name,
    message: `the host did not come back within ${deadline} s`,
    expected: 'a connection to the host as it is after the step',
    got: last,
    hint: 'look at its console; when it is back, run the same command again: finished work is not repeated',
  })
}
