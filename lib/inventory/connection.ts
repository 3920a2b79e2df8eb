import { userInfo } from 'node:os'
import type { Secret } from '../secret.ts'

/** Root, or whom else to become through sudo, and with which password. */
export interface Become {
  readonly user: string
  readonly password?: Secret
}

/** How to reach a host over SSH. Paths are absolute; nothing is left to expand. */
export interface SshConnection {
  readonly kind: 'ssh'
  /** A name or an address, without brackets. */
  readonly address: string
  readonly port: number
  readonly user: string
  readonly password?: Secret
  readonly privateKeyFile?: string
  /** Absent: the user's own `~/.ssh/known_hosts`. */
  readonly knownHostsFile?: string
  /** What becomes of a host key that is not in known_hosts. A changed key is always refused. */
  readonly unknownHostKey: 'refuse' | 'accept-new'
  readonly connectTimeoutSeconds?: number
  readonly keepaliveSeconds?: number
  /** Absent: stay the user who logged in. */
  readonly become?: Become
}

/** This machine itself. */
export interface LocalConnection {
  readonly kind: 'local'
  readonly become?: Become
}

export type Connection = SshConnection | LocalConnection

/** What `ansible_ssh_common_args` may say. */
export interface SshOptions {
  readonly knownHostsFile?: string
  readonly unknownHostKey?: 'refuse' | 'accept-new'
  readonly connectTimeoutSeconds?: number
  readonly keepaliveSeconds?: number
}

/** The connection variables by their names in the inventory, each with the type it has once it is understood. */
export interface Settings {
  readonly ansible_host: string
  readonly ansible_port: number
  readonly ansible_user: string
  readonly ansible_connection: 'ssh' | 'local'
  readonly ansible_password: Secret
  readonly ansible_ssh_private_key_file: string
  readonly ansible_ssh_common_args: SshOptions
  readonly ansible_become: boolean
  readonly ansible_become_user: string
  readonly ansible_become_password: Secret
}

const SSH_PORT = 22

/**
 * The connection of a host, from the settings that won for it.
 *
 * @example
 * connectionOf('node-01', { ansible_host: '10.10.50.50', ansible_user: 'ops', ansible_become: true })
 * // { kind: 'ssh', address: '10.10.50.50', port: 22, user: 'ops', unknownHostKey: 'refuse', become: { user: 'root' } }
 */
export function connectionOf(host: string, settings: Partial<Settings>): Connection {
  const become = becomeOf(settings)
  if (settings.ansible_connection === 'local') return { kind: 'local', ...become }
  const { ansible_password: password, ansible_ssh_private_key_file: privateKeyFile } = settings
  return {
    kind: 'ssh',
    address: settings.ansible_host ?? host,
    port: settings.ansible_port ?? SSH_PORT,
    user: settings.ansible_user ?? currentUser(),
    unknownHostKey: 'refuse',
    ...(password === undefined ? {} : { password }),
    ...(privateKeyFile === undefined ? {} : { privateKeyFile }),
    ...settings.ansible_ssh_common_args,
    ...become,
  }
}

function becomeOf(settings: Partial<Settings>): { become?: Become } {
  if (settings.ansible_become !== true) return {}
  const password = settings.ansible_become_password
  return { become: { user: settings.ansible_become_user ?? 'root', ...(password === undefined ? {} : { password }) } }
}

let knownUser: string | undefined

/** Asked of the system once: it reads /etc/passwd, and 10,000 hosts may ask. */
function currentUser(): string {
  knownUser ??= userInfo().username
  return knownUser
}
