import type { Secret } from '../../secret.ts'

/**
 * The connection variables by their names in the inventory, with their types. Where several names have one meaning,
 * Ansible's preferred name wins regardless of precedence: `ansible_ssh_host` over `ansible_host`.
 */
export interface Settings {
  readonly ansible_host: string
  readonly ansible_ssh_host: string
  readonly ansible_port: number
  readonly ansible_ssh_port: number
  readonly ansible_user: string
  readonly ansible_ssh_user: string
  readonly ansible_connection: 'ssh' | 'openssh' | 'local' | 'docker' | 'podman' | 'machinectl' | 'nspawn'
  readonly ansible_docker_host: string
  readonly ansible_docker_user: string
  readonly ansible_docker_docker_host: string
  readonly ansible_docker_extra_args: readonly string[]
  readonly ansible_podman_host: string
  readonly ansible_podman_executable: string
  readonly ansible_podman_extra_args: readonly string[]
  readonly ansible_password: Secret
  readonly ansible_ssh_pass: Secret
  readonly ansible_ssh_password: Secret
  readonly ansible_private_key_file: string
  readonly ansible_ssh_private_key_file: string
  readonly ansible_private_key_passphrase: Secret
  readonly ansible_ssh_private_key_passphrase: Secret
  readonly ansible_timeout: number
  readonly ansible_ssh_timeout: number
  readonly ansible_host_key_checking: boolean
  readonly ansible_ssh_host_key_checking: boolean
  readonly ansible_ssh_args: readonly string[]
  readonly ansible_ssh_common_args: readonly string[]
  readonly ansible_ssh_extra_args: readonly string[]
  readonly ansible_become: boolean
  readonly ansible_become_method: string
  readonly ansible_become_user: string
  readonly ansible_sudo_user: string
  readonly ansible_su_user: string
  readonly ansible_doas_user: string
  readonly ansible_become_exe: string
  readonly ansible_sudo_exe: string
  readonly ansible_su_exe: string
  readonly ansible_doas_exe: string
  readonly ansible_become_flags: string
  readonly ansible_sudo_flags: string
  readonly ansible_su_flags: string
  readonly ansible_doas_flags: string
  readonly ansible_become_password: Secret
  readonly ansible_become_pass: Secret
  readonly ansible_sudo_pass: Secret
  readonly ansible_su_pass: Secret
  readonly ansible_doas_pass: Secret
}

const SECRET: ReadonlySet<string> = new Set([
  'ansible_password',
  'ansible_ssh_pass',
  'ansible_ssh_password',
  'ansible_private_key_passphrase',
  'ansible_ssh_private_key_passphrase',
  'ansible_become_password',
  'ansible_become_pass',
  'ansible_sudo_pass',
  'ansible_su_pass',
  'ansible_doas_pass',
  'ansible_runas_pass',
  'ansible_pass',
  'ansible_winrm_pass',
  'ansible_winrm_password',
  'ansible_psrp_password',
  'ansible_paramiko_pass',
  'ansible_paramiko_password',
])

/** Variables that only matter to Ansible: Rolecall runs no Python, no sftp and no modules on hosts. */
const INERT =
  /^ansible_(?:python_interpreter|\w+_interpreter|(?:ssh_)?pipelining|shell_(?:type|executable|allow_world_readable_temp)|remote_tmp|async_dir|system_tmpdirs|common_remote_group|module_compression|(?:sftp|scp)_\w+|ssh_(?:executable|retries|transfer_method|use_tty|control\w*)|control_path(?:_dir)?|sshpass_prompt|ssh_sshpass_prompt|connection_user|connect_timeout|command_timeout|persistent_\w+|(?:winrm|psrp|paramiko|httpapi|netconf|network|libssh|persistent|runas|ksu|sudo_prompt|su_prompt)(?:_\w+)?|sudo|su|authorize|auth_pass|facts_parallel|docker_timeout|inventory_\w+|become_ask_pass|collections?_\w+)$/

export function isSettingName(key: string): boolean {
  return key.startsWith('ansible_')
}

export function isSecretSetting(key: string): boolean {
  return SECRET.has(key)
}

export function isInertSetting(key: string): boolean {
  return INERT.test(key)
}
