import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createRequire } from 'node:module'
import type { Connection, ParsedKey, ServerChannel, ServerConfig } from 'ssh2'
import { markIn } from '../../lib/sh/frame.ts'

// ssh2 is no module of the new kind, and its types say that it is.
const ssh2 = createRequire(import.meta.url)('ssh2') as {
  Server: new (
    config: ServerConfig,
    onConnection: (client: Connection) => void,
  ) => { injectSocket(socket: Socket): void }
  utils: { generateKeyPairSync(type: 'ed25519'): { private: string; public: string }; parseKey(key: string): ParsedKey }
}

/** A request as the shell of a host gets it. */
export interface Request {
  readonly boundary: string
  /** The word that stands before each word of the frame; undefined for a plain command. */
  readonly mark: string | undefined
  readonly script: string
  readonly stdin: Buffer
}

/** What a host does instead of what it should. What is left out is done as a real shell does it. */
export interface Behaviour {
  /** Instead of ssh: raw bytes. */
  readonly onSocket?: (socket: Socket) => void
  /** Instead of letting us in. */
  readonly onAuthentication?: 'silent' | 'close'
  readonly onSession?: 'silent' | 'refuse'
  /** Instead of saying that the shell is there. */
  readonly onShell?: (channel: ServerChannel, word: string) => void
  /** Instead of running it; false: run it after all. The first request asks for the facts. */
  readonly onRequest?: (channel: ServerChannel, request: Request, at: number) => boolean
}

export interface FakeHost {
  readonly port: number
  close(): void
}

export const keys = newKeys()
const hostKey = newKeys()

/** One key of 250 that ssh2 makes it cannot read itself. */
function newKeys(): { readonly private: string; readonly public: string } {
  for (;;) {
    const made = ssh2.utils.generateKeyPairSync('ed25519')
    if (!(ssh2.utils.parseKey(made.private) instanceof Error)) return made
  }
}

/** An sshd of our own on this machine whose shell answers as a host does, where the behaviour says nothing else. */
export async function fakeHost(behaviour: Behaviour): Promise<FakeHost> {
  const sockets = new Set<Socket>()
  const ssh = new ssh2.Server({ hostKeys: [hostKey.private] }, (client) => serve(client, behaviour))
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    if (behaviour.onSocket) behaviour.onSocket(socket)
    else ssh.injectSocket(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

function serve(client: Connection, behaviour: Behaviour): void {
  client.on('error', () => undefined)
  client.on('authentication', (context) => {
    if (behaviour.onAuthentication === 'close') client.end()
    else if (behaviour.onAuthentication !== 'silent') context.accept()
  })
  client.on('session', (accept, reject) => {
    if (behaviour.onSession === 'refuse') return reject()
    if (behaviour.onSession === 'silent') return
    accept().on('exec', (acceptCommand, _, { command }) => serveShell(acceptCommand(), command, behaviour))
  })
}

function serveShell(channel: ServerChannel, command: string, behaviour: Behaviour): void {
  channel.on('error', () => undefined)
  channel.stderr.on('error', () => undefined)
  const word = /echo (-[0-9a-f]+) ready /.exec(command)?.[1] ?? ''
  if (behaviour.onShell) behaviour.onShell(channel, word)
  else channel.write(`\n${word} ready 4711\n`)
  let rest = Buffer.alloc(0)
  let at = 0
  channel.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (let request = take(); request !== undefined; request = take()) {
      const isDone = behaviour.onRequest?.(channel, request, at) ?? false
      at++
      if (!isDone) answer(channel, request)
    }
  })
  channel.on('end', () => {
    channel.exit(0)
    channel.end()
  })
  /** Functions that the shell has been given. */
  let functions = ''
  /** The next request that has come in whole. Of what runs in the shell that stays, the lock is passed over: it would be one of this machine. */
  const take = (): Request | undefined => {
    for (;;) {
      while (rest[0] === 10) rest = rest.subarray(1)
      const newline = rest.indexOf(10)
      const header = /^(rc|own|io) (\S+) (\d+) (\d+)$/.exec(rest.toString('latin1', 0, Math.max(0, newline)))
      if (header === null) return undefined
      const [, verb, boundary = '', scriptBytes, stdinBytes] = header
      const from = newline + 1
      const to = from + Number(scriptBytes)
      const whole = to + Number(stdinBytes)
      if (rest.length < whole) return undefined
      const [script, stdin] = [rest.toString('utf8', from, to), Buffer.from(rest.subarray(to, whole))]
      rest = rest.subarray(whole)
      if (verb === 'rc') return { boundary, mark: markIn(script), script: `${functions}${script}`, stdin }
      if (verb === 'own' && !script.includes('rolecall_take_lock')) functions += `${script}\n`
    }
  }
}

/** As a real shell does it. */
export function answer(channel: ServerChannel, { boundary, script, stdin }: Request): void {
  const { stdout, stderr, status } = spawnSync('/bin/sh', ['-c', script], { input: stdin })
  channel.write(stdout)
  channel.stderr.write(stderr)
  end(channel, boundary, status ?? 1)
}

/** The end of an answer, on both streams. */
export function end(channel: ServerChannel, boundary: string, status: number | string): void {
  channel.write(`${boundary} end ${status}\n`)
  channel.stderr.write(`${boundary} end ${status}\n`)
}

/** Writes on and on, as fast as the other side takes it; stops when the channel does. */
export function flood(stream: NodeJS.WritableStream, piece: Buffer | string): void {
  let isOpen = true
  stream.on('close', () => (isOpen = false))
  stream.on('error', () => (isOpen = false))
  const more = () => {
    // The honest hosts are played by this process, too.
    for (let count = 0; count < 100 && isOpen; count++) if (!stream.write(piece)) return void stream.once('drain', more)
    if (isOpen) setImmediate(more)
  }
  more()
}
