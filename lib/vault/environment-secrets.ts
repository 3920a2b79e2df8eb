import { RolecallError } from '../errors.ts'
import { vaultSettings, type VaultFlags } from './ansible-settings.ts'
import { readPasswords, type Ask } from './password-sources.ts'
import { RepositorySecrets } from './repository-secrets.ts'

export interface SecretsGiven {
  readonly flags?: VaultFlags
  /** Asks the user. Default: a source that needs the user is refused. */
  readonly ask?: Ask
  /** Whether to use sources from the environment and ansible.cfg, too. Default true. */
  readonly environment?: boolean
}

/** The decryption of a project's secrets, with the given passwords and those named by the environment and ansible.cfg. */
export function environmentSecrets({
  flags = {},
  ask = cannotAsk,
  environment = true,
}: SecretsGiven = {}): RepositorySecrets {
  const directory = process.cwd()
  const passwords = () => {
    const { sources, onlyMatching } = vaultSettings(flags, environment ? process.env : undefined, directory)
    return readPasswords(sources, ask, { onlyMatching })
  }
  return new RepositorySecrets({ passwords, env: process.env })
}

function cannotAsk(question: string): Promise<never> {
  return Promise.reject(
    new RolecallError({
      code: 'usage',
      message: `nobody can be asked for "${question.replace(/:\s*$/, '')}" here`,
      hint: 'give passwords in files or by programs: ANSIBLE_VAULT_PASSWORD_FILE, ANSIBLE_VAULT_IDENTITY_LIST',
    }),
  )
}
