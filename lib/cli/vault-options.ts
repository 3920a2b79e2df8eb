import type { Command } from 'commander'
import { Refusal } from '../errors.ts'
import type { Passwords } from '../vault/passwords.ts'
import { gather } from './run-options.ts'

/** The options that say where passwords of Ansible Vault come from, as the command line gives them. */
export interface VaultOptions {
  readonly vaultId?: readonly string[] | undefined
  readonly vaultPasswordFile?: readonly string[] | undefined
  readonly askVaultPass?: boolean
}

/** Adds them; names and meaning are Ansible's. */
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

/** A password that is new is asked for twice: nobody knows yet what it opens. */
export type WhichPassword = 'known' | 'new'

/** The passwords of all sources, each asked once. Without the environment, ansible.cfg is not read either. */
export async function passwordsOf(
  options: VaultOptions,
  withoutSource: WithoutSource,
  which: WhichPassword = 'known',
  { environment = true }: { readonly environment?: boolean } = {},
): Promise<Passwords> {
  const [{ vaultSettings }, { passwordSource, readPasswords }, { askHidden }] = await Promise.all([
    import('../vault/ansible-settings.ts'),
    import('../vault/password-sources.ts'),
    import('./ask-hidden.ts'),
  ])
  const { vaultId, vaultPasswordFile, askVaultPass } = options
  const flags = {
    ...(vaultId === undefined ? {} : { ids: vaultId }),
    ...(vaultPasswordFile === undefined ? {} : { passwordFiles: vaultPasswordFile }),
    ...(askVaultPass === undefined ? {} : { ask: askVaultPass }),
  }
  const { sources, onlyMatching } = vaultSettings(flags, environment ? process.env : undefined, process.cwd())
  const asked = sources.length === 0 && withoutSource === 'ask' ? [passwordSource('prompt', process.cwd())] : sources
  return readPasswords(asked, which === 'new' ? askTwice(askHidden) : askHidden, { onlyMatching })
}

function askTwice(ask: (question: string) => Promise<string>) {
  return async (question: string): Promise<string> => {
    const first = await ask(`New ${question.charAt(0).toLowerCase()}${question.slice(1)}`)
    if ((await ask('The same again: ')) === first) return first
    throw new Refusal({ code: 'usage', message: 'the two passwords differ' })
  }
}
