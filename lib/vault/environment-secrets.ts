import { RolecallError } from '../errors.ts'
import { vaultSettings, type VaultFlags } from './ansible-settings.ts'
import { readPasswords, type Ask } from './password-sources.ts'
import { RepositorySecrets } from './repository-secrets.ts'

export interface SecretsGiven {
  readonly flags?: VaultFlags
  /** Default: nobody can be asked, and a source that asks is refused. */
  readonly ask?: Ask
  /** Whether sources are also taken from the environment and ansible.cfg. Default true. */
  readonly environment?: boolean
}

/** What opens the secrets of a project: with the passwords that the environment and ansible.cfg name, beside those that are given. */
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
