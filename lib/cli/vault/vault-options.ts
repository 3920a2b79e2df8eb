import type { Command } from 'commander'
import { RolecallError } from '../../errors.ts'
import type { VaultFlags } from '../../vault/ansible-settings.ts'
import type { RepositorySecrets, RepositorySecretsOptions } from '../../vault/repository-secrets.ts'
import type { Passwords } from '../../vault/passwords.ts'
import { gather } from '../gather.ts'

/** The options for the sources of Ansible Vault passwords, as parsed. */
export interface VaultOptions {
  readonly vaultId?: readonly string[] | undefined
  readonly vaultPasswordFile?: readonly string[] | undefined
  readonly askVaultPass?: boolean
}

/** Adds these options, with Ansible's names and meaning. */
export function withVaultOptions(command: Command): Command {
  return command
    .option(
      '--vault-id <label@source>',
      'a vault password: a file, a program that prints it, or prompt; may be given several times',
      gather,
    )
    .option('--vault-password-file <file>', 'the same without a label; may be given several times', gather)
    .option('-J, --ask-vault-pass', 'ask for the vault password')
}

/** Whether to ask for a password when no source was given. */
export type WithoutSource = 'ask' | 'none'

/** Asks twice for a new password, because there is no encrypted text yet to check it with. */
type WhichPassword = 'known' | 'new'

interface PasswordOptions {
  readonly environment?: boolean
  /** False: programs that only ansible.cfg names are not run, for commands that run no code of a project. */
  readonly configPrograms?: boolean
}

/** The passwords of all sources, each source asked once. Without the environment, ansible.cfg is not read either. */
export async function passwordsOf(
  options: VaultOptions,
  withoutSource: WithoutSource,
  which: WhichPassword = 'known',
  { environment = true, configPrograms = true }: PasswordOptions = {},
): Promise<Passwords> {
  const [{ vaultSettings }, { passwordSource, readPasswords }, { askHidden }] = await Promise.all([
    import('../../vault/ansible-settings.ts'),
    import('../../vault/password-sources.ts'),
    import('../ask/ask-hidden.ts'),
  ])
  const { sources, onlyMatching } = vaultSettings(
    flagsOf(options),
    environment ? process.env : undefined,
    process.cwd(),
    { configPrograms },
  )
  const asked = sources.length === 0 && withoutSource === 'ask' ? [passwordSource('prompt', process.cwd())] : sources
  return readPasswords(asked, which === 'new' ? askTwice(askHidden) : askHidden, { onlyMatching })
}

/**
 * The passwords for the secrets of a project. As in Ansible, a person is asked before anything else happens. Files and programs are read only when there is
 * something to decrypt.
 */
export async function secretsOf(
  options: VaultOptions,
  { onUnopened, ...more }: Pick<PasswordOptions, 'configPrograms'> & Pick<RepositorySecretsOptions, 'onUnopened'> = {},
): Promise<RepositorySecrets> {
  const [{ vaultSettings }, { RepositorySecrets }] = await Promise.all([
    import('../../vault/ansible-settings.ts'),
    import('../../vault/repository-secrets.ts'),
  ])
  const { sources } = vaultSettings(flagsOf(options), process.env, process.cwd(), more)
  const asked = sources.some(({ type }) => type === 'prompt')
    ? await passwordsOf(options, 'none', 'known', more)
    : undefined
  return new RepositorySecrets({
    passwords: () => (asked === undefined ? passwordsOf(options, 'none', 'known', more) : Promise.resolve(asked)),
    env: process.env,
    ...(onUnopened === undefined ? {} : { onUnopened }),
  })
}

function flagsOf({ vaultId, vaultPasswordFile, askVaultPass }: VaultOptions): VaultFlags {
  return {
    ...(vaultId === undefined ? {} : { ids: vaultId }),
    ...(vaultPasswordFile === undefined ? {} : { passwordFiles: vaultPasswordFile }),
    ...(askVaultPass === undefined ? {} : { ask: askVaultPass }),
  }
}

function askTwice(ask: (question: string) => Promise<string>) {
  return async (question: string): Promise<string> => {
    const first = await ask(`New ${question.charAt(0).toLowerCase()}${question.slice(1)}`)
    if ((await ask('Repeat: ')) === first) return first
    throw new RolecallError({ code: 'usage', message: 'the two passwords differ' })
  }
}
