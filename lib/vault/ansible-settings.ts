import { statSync } from 'node:fs'
import { ansibleConfig } from '../machine/ansible-config.ts'
import { passwordSource, type PasswordSource } from './password-sources.ts'

/** The options for passwords on the command line. */
export interface VaultFlags {
  /** `--vault-id LABEL@SOURCE`, in order. */
  readonly ids?: readonly string[]
  /** `--vault-password-file FILE`, in order. */
  readonly passwordFiles?: readonly string[]
  readonly ask?: boolean
}

export interface VaultSettings {
  readonly sources: readonly PasswordSource[]
  readonly onlyMatching: boolean
}

/**
 * The sources of passwords in Ansible's order: the identities of the environment or ansible.cfg, `--vault-id`, `--vault-password-file`, the
 * password file of the environment or ansible.cfg, `--ask-vault-pass`. Without `environment`: the command line only.
 *
 * Without `configPrograms`, programs that are named only in ansible.cfg are left out.
 *
 * Source: docs.ansible.com, "Ansible Configuration Settings": DEFAULT_VAULT_IDENTITY_LIST, DEFAULT_VAULT_PASSWORD_FILE, DEFAULT_VAULT_ID_MATCH.
 */
export function vaultSettings(
  flags: VaultFlags,
  env: NodeJS.ProcessEnv | undefined,
  directory: string,
  { configPrograms = true }: { readonly configPrograms?: boolean } = {},
): VaultSettings {
  const config = env === undefined ? new Map<string, Setting>() : readAnsibleConfig(env, directory)
  // ansible.cfg belongs to the project, the environment to the user.
  const isAllowed = (setting: Setting | undefined, source: PasswordSource) =>
    configPrograms || setting?.isOfConfig !== true || !isProgram(source)
  const setting = (name: string, key: string): Setting | undefined => {
    const text = env?.[name]
    return text === undefined || text === '' ? config.get(key) : { text, directory }
  }
  const list = setting('ANSIBLE_VAULT_IDENTITY_LIST', 'vault_identity_list')
  const file = setting('ANSIBLE_VAULT_PASSWORD_FILE', 'vault_password_file')
  const match = setting('ANSIBLE_VAULT_ID_MATCH', 'vault_id_match')
  return {
    sources: [
      ...(list?.text ?? '')
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== '')
        .map((each) => passwordSource(each, list?.directory ?? directory))
        .filter((source) => isAllowed(list, source)),
      ...(flags.ids ?? []).map((each) => passwordSource(each, directory)),
      ...(flags.passwordFiles ?? []).map((each) => passwordSource(`@${each}`, directory)),
      ...(file === undefined ? [] : [passwordSource(`@${file.text}`, file.directory)]).filter((source) =>
        isAllowed(file, source),
      ),
      ...(flags.ask === true ? [passwordSource('prompt', directory)] : []),
    ],
    onlyMatching: /^(?:1|true|yes|on|y|t)$/i.test(match?.text ?? ''),
  }
}

interface Setting {
  readonly text: string
  /** The directory for its relative paths. */
  readonly directory: string
  readonly isOfConfig?: boolean
}

function isProgram(source: PasswordSource): boolean {
  if (source.type !== 'file') return false
  return ((statSync(source.path, { throwIfNoEntry: false })?.mode ?? 0) & 0o111) !== 0
}

/** The settings under `[defaults]` of the ansible.cfg that Ansible would read. */
function readAnsibleConfig(env: NodeJS.ProcessEnv, directory: string): ReadonlyMap<string, Setting> {
  const config = ansibleConfig(env, directory)
  return new Map(
    (config?.settings ?? []).flatMap(({ section, key, value }) =>
      section === 'defaults' && value !== ''
        ? [[key, { text: value, directory: config?.directory ?? directory, isOfConfig: true }]]
        : [],
    ),
  )
}
