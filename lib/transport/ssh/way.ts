import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { RolecallError } from '../../errors.ts'
import { resolveSsh } from '../../ssh-config/resolve.ts'
import { wordsOf, type SshQuestion } from '../../ssh-config/question.ts'
import { configFileOf } from '../../ssh-config/command-line.ts'
import { readJump } from '../../ssh-config/syntax/jump.ts'
import { endProgram, lastWords, startProgram } from '../child.ts'
import { packetSocket, packetStream } from '../packets.ts'
import { connectProblem, type HopConnection, type Way } from './by-library.ts'
import type { SshTarget } from './target.ts'

const nothing = () => ''

/** The most jump hosts. A circular configuration would never end. */
const MOST_HOPS = 8

/** Connects to a jump host. */
type ConnectHop = (target: SshTarget) => Promise<HopConnection>

/** Opens the stream to a host: a socket, the pipes of a ProxyCommand, or a channel through jump hosts. */
export async function openWay(target: SshTarget, connectHop: ConnectHop): Promise<Way> {
  const { settings } = target
  if (settings.proxyCommand !== undefined) return throughProgram(settings.proxyCommand)
  if (settings.proxyJump.length > 0) return throughHost(target, connectHop)
  const { family, bindAddress: localAddress, hostName, port } = settings
  if (family !== undefined && isIP(hostName) !== 0 && isIP(hostName) !== family)
    throw new RolecallError(connectProblem(target, `AddressFamily of ssh's configuration does not allow this address`))
  const options = {
    ...(family === undefined ? {} : { family }),
    ...(localAddress === undefined ? {} : { localAddress }),
  }
  return { sock: packetSocket(hostName, port, options), said: nothing }
}

/** As with ssh(1), the user's own shell runs the command. */
function throughProgram(command: string): Way {
  const child = startProgram(process.env['SHELL'] ?? '/bin/sh', ['-c', `exec ${command}`])
  const said = lastWords(child)
  const sock = packetStream(child.stdout, child.stdin, () => endProgram(child))
  child.once('error', (error) => sock.destroy(error))
  return { sock, said }
}

async function throughHost(target: SshTarget, connectHop: ConnectHop): Promise<Way> {
  const { settings } = target
  const last = settings.proxyJump.at(-1) ?? ''
  if (target.depth >= MOST_HOPS)
    throw new RolecallError(
      connectProblem(target, `more than ${MOST_HOPS} hosts on the way: does ProxyJump lead back to itself?`),
    )
  const hop = await hopTarget(target, last, settings.proxyJump.slice(0, -1))
  const key = JSON.stringify([hop.address, hop.words, hop.settings.unknownHostKeys])
  const { connection, leave } = await shared(key, () => connectHop(hop))
  try {
    const stream = await forwarded(connection, target, hop.settings.hostName)
    stream.once('close', leave)
    return { sock: packetStream(stream, stream, () => stream.destroy()), said: nothing }
  } catch (error) {
    leave()
    throw error
  }
}

/** The problem when a jump host refuses the channel or cannot reach the address. */
async function forwarded(connection: HopConnection, target: SshTarget, hop: string): Promise<Duplex> {
  const { hostName, port } = target.settings
  try {
    return await connection.forward(hostName, port)
  } catch (error) {
    if (connection.lost !== undefined) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new RolecallError(connectProblem(target, `${hop} opens no way there: ${why}`))
  }
}

/** The target of a jump host: ssh's configuration for its name, and the jump hosts before it. Arguments of the inventory do not apply. */
async function hopTarget(target: SshTarget, hop: string, before: readonly string[]): Promise<SshTarget> {
  const { user, host: address, port } = readJump(hop) ?? { user: undefined, host: hop, port: undefined }
  const file = configFileOf(target.words)
  const question: SshQuestion = {
    address,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port }),
    ...(target.acceptsNewKeys ? { unknownHostKey: 'accept-new' as const } : {}),
    args: {
      first: [...(file === undefined ? [] : ['-F', file]), ...(before.length === 0 ? [] : ['-J', before.join(',')])],
      last: [],
    },
  }
  const settings = await resolveSsh(target.host, question)
  return {
    host: target.host,
    address,
    settings,
    words: wordsOf(question),
    passphrase: target.passphrase,
    connectTimeout: settings.connectTimeoutSeconds ?? target.connectTimeout,
    keepaliveInterval: target.keepaliveInterval,
    say: target.say,
    signal: target.signal,
    acceptsNewKeys: target.acceptsNewKeys,
    depth: target.depth + 1,
  }
}

interface Shared {
  readonly connection: Promise<HopConnection>
  users: number
}

const hops = new Map<string, Shared>()

/** One connection to a jump host is shared by all hosts behind it, and closed after the last of them. */
async function shared(key: string, connect: () => Promise<HopConnection>) {
  const before = hops.get(key)
  const hop: Shared = before ?? { connection: connect(), users: 0 }
  hops.set(key, hop)
  hop.users++
  let hasLeft = false
  const leave = () => {
    if (hasLeft) return
    hasLeft = true
    if (--hop.users > 0) return
    if (hops.get(key) === hop) hops.delete(key)
    hop.connection.then(
      (connection) => connection.close(),
      () => undefined,
    )
  }
  try {
    const connection = await hop.connection
    if (connection.lost === undefined) return { connection, leave }
    // The connection was lost, so a new one is needed.
    if (hops.get(key) === hop) hops.delete(key)
    leave()
    return await shared(key, connect)
  } catch (error) {
    if (hops.get(key) === hop) hops.delete(key)
    leave()
    throw error
  }
}
