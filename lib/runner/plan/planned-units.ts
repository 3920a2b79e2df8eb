import { RolecallError } from '../../errors.ts'
import type { Host } from '../../inventory/inventory.ts'
import { configFileOf } from '../../ssh-config/command-line.ts'
import { wordsOf, type SshQuestion } from '../../ssh-config/question.ts'
import { resolveSsh } from '../../ssh-config/resolve.ts'
import { readJump } from '../../ssh-config/syntax/jump.ts'
import type { Unit } from '../units/units.ts'
import { canonical } from './digests.ts'
import type { PlannedUnit } from './plan-file.ts'
import type { PlanKey } from './plan-key.ts'

/** Units, with digests of their variables and of the ways to their hosts. */
export function plannedUnits(key: PlanKey, units: readonly Unit[]): Promise<PlannedUnit[]> {
  const ways = new Map<string, Promise<Pick<PlannedUnit, 'connection' | 'ssh'>>>()
  return Promise.all(
    units.map(async ({ host, role, play, vars }) => {
      const way = ways.get(host.name) ?? digestsOf(key, host)
      ways.set(host.name, way)
      return {
        host: host.name,
        role: role.name,
        play: play.name,
        vars: key.digest('vars', canonical(vars)),
        ...(await way),
      }
    }),
  )
}

async function digestsOf(key: PlanKey, host: Host): Promise<Pick<PlannedUnit, 'connection' | 'ssh'>> {
  const connection = key.digest('connection', canonical(wayTo(host)))
  const ssh = await told(() => sshWay(host))
  return { connection, ...(ssh === undefined ? {} : { ssh: key.digest('ssh', canonical(ssh)) }) }
}

/** What the inventory says. Passwords may differ: they lead to the same host. */
function wayTo(host: Host): unknown {
  try {
    const { kind, become, ...rest } = host.connection
    const way = Object.entries(rest).filter(([name]) => !['password', 'passphrase'].includes(name))
    return { kind, way: Object.fromEntries(way), becomes: become?.user }
  } catch (error) {
    return messageOf(error)
  }
}

/** What ssh's configuration says. Keys may differ: they lead to the same host. Undefined for a host that is not reached by SSH. */
async function sshWay({ name, connection }: Host): Promise<unknown> {
  return connection.kind === 'ssh' ? placesFrom(name, connection, MOST_HOPS) : undefined
}

/** The longest way that is followed, as where it is connected. A circular configuration would never end. */
const MOST_HOPS = 8

async function placesFrom(host: string, question: SshQuestion, hops: number): Promise<unknown> {
  const settings = await resolveSsh(host, question)
  const { hostName, port, user, hostKeyAlias, proxyCommand, proxyJump } = settings
  const file = configFileOf(wordsOf(question))
  const jumps = proxyJump.map((hop) => questionOf(hop, file))
  // Each host of a list of jumps is reached through the one before it, so only the first follows its own configuration.
  const through = await Promise.all(
    hops === 0 ? [] : jumps.map((jump, at) => placesFrom(host, jump, at === 0 ? hops - 1 : 0)),
  )
  return { hostName, port, user, hostKeyAlias, proxyCommand, proxyJump, through }
}

function questionOf(hop: string, file: string | undefined): SshQuestion {
  const { user, host: address, port } = readJump(hop) ?? { user: undefined, host: hop, port: undefined }
  return {
    address,
    args: { first: file === undefined ? [] : ['-F', file], last: [] },
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port }),
  }
}

/** What cannot be resolved is told where the host is connected. */
async function told(ask: () => Promise<unknown>): Promise<unknown> {
  try {
    return await ask()
  } catch (error) {
    return messageOf(error)
  }
}

function messageOf(error: unknown): string {
  if (error instanceof RolecallError) return error.message
  throw error
}
