import { userInfo } from 'node:os'
import type { Secret } from '../secret.ts'
import type { Settings } from './setting-names.ts'

export type { Settings, SshOptions } from './setting-names.ts'

/** Root, or whom else to become, how, and with which password. */
export interface Become {
  readonly user: string
  readonly password?: Secret
  /** `sudo` (absent), `su`, `doas` or another word of Ansible's, as it is written. */
  readonly method?: string
  /** The program in place of the method's own. */
  readonly exe?: string
  /** Options for the program; absent: the method's own. */
  readonly flags?: string
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
  const password = settings.ansible_ssh_password ?? settings.ansible_ssh_pass ?? settings.ansible_password
  const privateKeyFile = settings.ansible_ssh_private_key_file ?? settings.ansible_private_key_file
  const timeout = settings.ansible_ssh_timeout ?? settings.ansible_timeout
  const checksKeys = settings.ansible_ssh_host_key_checking ?? settings.ansible_host_key_checking ?? true
  return {
    kind: 'ssh',
    address: settings.ansible_ssh_host ?? settings.ansible_host ?? host,
    port: settings.ansible_ssh_port ?? settings.ansible_port ?? SSH_PORT,
    user: settings.ansible_ssh_user ?? settings.ansible_user ?? currentUser(),
    unknownHostKey: checksKeys ? 'refuse' : 'accept-new',
    ...(password === undefined ? {} : { password }),
    ...(privateKeyFile === undefined ? {} : { privateKeyFile }),
    ...(timeout === undefined ? {} : { connectTimeoutSeconds: timeout }),
    // In the order in which ssh is given them the first one counts.
    ...settings.ansible_ssh_extra_args,
    ...settings.ansible_ssh_common_args,
    ...settings.ansible_ssh_args,
    ...become,
  }
}

function becomeOf(settings: Partial<Settings>): { become?: Become } {
  if (settings.ansible_become !== true) return {}
  const password = settings.ansible_sudo_pass ?? settings.ansible_become_pass ?? settings.ansible_become_password
  const exe = settings.ansible_sudo_exe ?? settings.ansible_become_exe
  const flags = settings.ansible_sudo_flags ?? settings.ansible_become_flags
  const method = settings.ansible_become_method
  return {
    become: {
      user: settings.ansible_sudo_user ?? settings.ansible_become_user ?? 'root',
      ...(password === undefined ? {} : { password }),
      ...(method === undefined || method === 'sudo' ? {} : { method }),
      ...(exe === undefined ? {} : { exe }),
      ...(flags === undefined ? {} : { flags }),
    },
  }
}

let knownUser: string | undefined

/** Asked of the system once: it reads /etc/passwd, and 10,000 hosts may ask. */
function currentUser(): string {
  knownUser ??= userInfo().username
  return knownUser
}
