import type { Secret } from '../../secret.ts'
import { becomeMethod } from './connection-words.ts'
import type { Settings } from './setting-names.ts'

export type { Settings } from './setting-names.ts'

/** The user to become (default root), the method, and the password. */
export interface Become {
  readonly user: string
  readonly password?: Secret
  /** `su`, `doas` or another of Ansible's names, as written. Absent: `sudo`. */
  readonly method?: string
  /** The program to use instead of the method's usual one. */
  readonly exe?: string
  /** Options for the program. Absent: the method's defaults. */
  readonly flags?: string
}

/**
 * Arguments for ssh(1) from `ansible_ssh_args`, `ansible_ssh_common_args` and `ansible_ssh_extra_args`. When an option is given twice, ssh takes the
 * first one: `first` wins over the other settings of the inventory, `last` only over ssh's configuration files.
 */
export interface SshArgs {
  readonly first: readonly string[]
  readonly last: readonly string[]
}

/** The inventory's settings for reaching a host over SSH. ssh's own configuration decides what is absent. Paths are absolute. */
export interface SshConnection {
  readonly kind: 'ssh'
  /** `openssh`: always use the program `ssh`. Absent: use it only where needed. */
  readonly client?: 'openssh'
  /** A name, an address without brackets, or an alias from ssh's configuration. */
  readonly address: string
  readonly port?: number
  readonly user?: string
  readonly password?: Secret
  readonly privateKeyFile?: string
  /** The passphrase of the private key. */
  readonly passphrase?: Secret
  /** The only known_hosts file, in place of those in ssh's configuration. */
  readonly knownHostsFile?: string
  /** What to do with a host key that no known_hosts file has. A changed key is always refused. */
  readonly unknownHostKey?: 'refuse' | 'accept-new'
  readonly connectTimeoutSeconds?: number
  readonly args?: SshArgs
  /** Absent: commands run as the login user. */
  readonly become?: Become
}

/** This machine itself. */
export interface LocalConnection {
  readonly kind: 'local'
  readonly become?: Become
}

/** A container or virtual machine on this computer. A program runs the commands in it. */
export interface ContainerConnection {
  readonly kind: 'docker' | 'podman' | 'machinectl' | 'nspawn'
  /** Its name or id. */
  readonly container: string
  /** Absent: the container's default user. */
  readonly user?: string
  /** The program to use instead of docker or podman. */
  readonly program?: string
  /** Options for docker or podman, before the subcommand. */
  readonly options?: readonly string[]
  readonly become?: Become
}

export type Connection = SshConnection | LocalConnection | ContainerConnection

/**
 * The connection of a host, from its effective settings.
 *
 * @example
 * connectionOf('node-01', { ansible_host: '10.10.50.50', ansible_user: 'ops', ansible_become: true })
 * // { kind: 'ssh', address: '10.10.50.50', user: 'ops', become: { user: 'root' } }
 */
export function connectionOf(host: string, settings: Partial<Settings>): Connection {
  const kind = settings.ansible_connection ?? 'ssh'
  const become = becomeOf(settings)
  const user = settings.ansible_ssh_user ?? settings.ansible_user
  const address = settings.ansible_ssh_host ?? settings.ansible_host ?? host
  switch (kind) {
    case 'local':
      return { kind, ...become }
    case 'docker':
    case 'podman':
      return { ...engineOf(kind, settings, { address, user }), ...become }
    case 'machinectl':
    case 'nspawn':
      return { kind, container: address, ...(user === undefined ? {} : { user }), ...become }
    case 'ssh':
    case 'openssh':
      return { ...sshOf(address, user, settings), ...(kind === 'openssh' ? { client: kind } : {}), ...become }
  }
}

function engineOf(
  kind: 'docker' | 'podman',
  settings: Partial<Settings>,
  given: { readonly address: string; readonly user: string | undefined },
): ContainerConnection {
  const isDocker = kind === 'docker'
  const named = isDocker ? settings.ansible_docker_host : settings.ansible_podman_host
  const user = (isDocker ? settings.ansible_docker_user : undefined) ?? given.user
  const program = isDocker ? undefined : settings.ansible_podman_executable
  const engine = isDocker ? settings.ansible_docker_docker_host : undefined
  const options = [
    ...(engine === undefined ? [] : ['--host', engine]),
    ...((isDocker ? settings.ansible_docker_extra_args : settings.ansible_podman_extra_args) ?? []),
  ]
  return {
    kind,
    container: named ?? given.address,
    ...(user === undefined ? {} : { user }),
    ...(program === undefined ? {} : { program }),
    ...(options.length === 0 ? {} : { options }),
  }
}

function sshOf(address: string, user: string | undefined, settings: Partial<Settings>): SshConnection {
  const port = settings.ansible_ssh_port ?? settings.ansible_port
  const password = settings.ansible_ssh_password ?? settings.ansible_ssh_pass ?? settings.ansible_password
  const privateKeyFile = settings.ansible_ssh_private_key_file ?? settings.ansible_private_key_file
  const passphrase = settings.ansible_ssh_private_key_passphrase ?? settings.ansible_private_key_passphrase
  const timeout = settings.ansible_ssh_timeout ?? settings.ansible_timeout
  const checksKeys = settings.ansible_ssh_host_key_checking ?? settings.ansible_host_key_checking ?? true
  const first = settings.ansible_ssh_args ?? []
  const last = [...(settings.ansible_ssh_common_args ?? []), ...(settings.ansible_ssh_extra_args ?? [])]
  return {
    kind: 'ssh',
    address,
    ...(port === undefined ? {} : { port }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(privateKeyFile === undefined ? {} : { privateKeyFile }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(checksKeys ? {} : { unknownHostKey: 'accept-new' }),
    ...(timeout === undefined ? {} : { connectTimeoutSeconds: timeout }),
    ...(first.length + last.length === 0 ? {} : { args: { first, last } }),
  }
}

function becomeOf(settings: Partial<Settings>): { become?: Become } {
  if (settings.ansible_become !== true) return {}
  const method = becomeMethod(settings.ansible_become_method ?? 'sudo')
  const own = ownBecome(method, settings)
  const password = own.password ?? settings.ansible_become_pass ?? settings.ansible_become_password
  const exe = own.exe ?? settings.ansible_become_exe
  const flags = own.flags ?? settings.ansible_become_flags
  return {
    become: {
      user: own.user ?? settings.ansible_become_user ?? 'root',
      ...(password === undefined ? {} : { password }),
      ...(method === 'sudo' ? {} : { method }),
      ...(exe === undefined ? {} : { exe }),
      ...(flags === undefined ? {} : { flags }),
    },
  }
}

/** The variables of one method alone. They win over those of all methods. */
function ownBecome(method: string, settings: Partial<Settings>) {
  const { ansible_sudo_user, ansible_sudo_pass, ansible_sudo_exe, ansible_sudo_flags } = settings
  const { ansible_su_user, ansible_su_pass, ansible_su_exe, ansible_su_flags } = settings
  const { ansible_doas_user, ansible_doas_pass, ansible_doas_exe, ansible_doas_flags } = settings
  switch (method) {
    case 'sudo':
      return { user: ansible_sudo_user, password: ansible_sudo_pass, exe: ansible_sudo_exe, flags: ansible_sudo_flags }
    case 'su':
      return { user: ansible_su_user, password: ansible_su_pass, exe: ansible_su_exe, flags: ansible_su_flags }
    case 'doas':
      return { user: ansible_doas_user, password: ansible_doas_pass, exe: ansible_doas_exe, flags: ansible_doas_flags }
    default:
      return { user: undefined, password: undefined, exe: undefined, flags: undefined }
  }
}
