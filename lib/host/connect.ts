import type { Connection as Target, SshConnection } from '../inventory/connections/connection.ts'
import { wordsOf, type SshQuestion } from '../ssh-config/question.ts'
import { resolveSsh } from '../ssh-config/resolve.ts'
import { connectContainer } from '../transport/containers.ts'
import { connectLocal } from '../transport/local.ts'
import { connectSsh } from '../transport/ssh.ts'
import type { Connection } from '../transport/transport.ts'
import { passphraseOf } from './passphrase.ts'

export interface OpenOptions {
  /** Overrides how the inventory treats unknown host keys. */
  readonly acceptNewHostKeys?: boolean
  /** Stops connecting, at any stage. */
  readonly signal?: AbortSignal
  /** Called with the action that the connection waits for, such as touching a security key. */
  readonly onWaiting?: (message: string) => void
}

const CONNECT_SECONDS = 10
const KEEPALIVE_SECONDS = 15

/** Connects to a host as the inventory and ssh's configuration say, and logs in. Throws a RolecallError. */
export async function openConnection(name: string, target: Target, options: OpenOptions): Promise<Connection> {
  switch (target.kind) {
    case 'local':
      return connectLocal()
    case 'docker':
    case 'podman':
    case 'machinectl':
    case 'nspawn':
      return connectContainer({ ...target, host: name })
    case 'ssh':
      return openSsh(name, target, options)
  }
}

async function openSsh(host: string, target: SshConnection, options: OpenOptions): Promise<Connection> {
  const acceptsNewKeys = options.acceptNewHostKeys === true
  const question: SshQuestion = acceptsNewKeys ? { ...target, unknownHostKey: 'accept-new' } : target
  const settings = await resolveSsh(host, question)
  const { client, address, password, passphrase } = target
  return connectSsh({
    host,
    address,
    // Options of ssh (words such as `-o`) do not override what the inventory and the command line set explicitly.
    settings:
      question.unknownHostKey === undefined ? settings : { ...settings, unknownHostKeys: question.unknownHostKey },
    words: wordsOf(question),
    client,
    password,
    passphrase: (file, what) => passphraseOf(file, passphrase, what),
    connectTimeout: settings.connectTimeoutSeconds ?? CONNECT_SECONDS,
    keepaliveInterval: KEEPALIVE_SECONDS,
    say: options.onWaiting,
    signal: options.signal,
    acceptsNewKeys,
    depth: 0,
  })
}
