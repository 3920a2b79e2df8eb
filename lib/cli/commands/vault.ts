import { Command } from 'commander'
import { examples } from '../help/examples.ts'
import { gather } from '../gather.ts'
import { passwordsOf, withVaultOptions, type VaultOptions } from '../vault/vault-options.ts'

/** `rolecall vault view|edit|create|encrypt|decrypt|rekey|encrypt-string` */
export function vaultCommand(): Command {
  return new Command('vault')
    .summary('read and write files that are encrypted with Ansible Vault')
    .description(
      'Reads and writes files and values that are encrypted with Ansible Vault (formats 1.1 and 1.2). Ansible is not needed.\n' +
        'Passwords come from --vault-id, --vault-password-file, --ask-vault-pass, ANSIBLE_VAULT_PASSWORD_FILE,\n' +
        'ANSIBLE_VAULT_IDENTITY_LIST and ansible.cfg. Without any of these, you are asked.',
    )
    .addHelpText(
      'after',
      examples(
        ['rolecall vault view inventory/group_vars/all/vault.yml', 'shows its content'],
        ['rolecall vault edit inventory/group_vars/all/vault.yml', 'changes it in $EDITOR'],
        ['rolecall vault encrypt-string --name db_password', 'encrypts one value, which is asked for'],
        ['rolecall vault rekey --new-vault-id prod@prompt secrets.yml', 'changes its password'],
      ),
    )
    .addCommand(view())
    .addCommand(edit())
    .addCommand(create())
    .addCommand(encrypt())
    .addCommand(decrypt())
    .addCommand(rekey())
    .addCommand(encryptString())
}

interface EncryptFlags extends VaultOptions {
  readonly encryptVaultId?: string
  readonly output?: string
}

function view(): Command {
  return withVaultOptions(new Command('view'))
    .description('Prints the content of files that are encrypted with Ansible Vault, age or SOPS.')
    .argument('<files...>', 'files, or - for standard input')
    .action(async (files: readonly string[], flags: VaultOptions) => {
      const { viewFiles } = await import('../vault/view.ts')
      await viewFiles(files, (withoutSource) => passwordsOf(flags, withoutSource))
    })
}

function edit(): Command {
  return withVaultOptions(new Command('edit'))
    .description(
      'Opens an encrypted file in $VISUAL or $EDITOR, and encrypts it again with the same password and id.\n' +
        'The decrypted text is kept in memory if the system has /dev/shm, and no other account can read it.',
    )
    .argument('<file>')
    .action(async (file: string, flags: VaultOptions) => {
      const { editFile } = await import('../vault/actions.ts')
      await editFile(file, await passwordsOf(flags, 'ask'))
    })
}

function create(): Command {
  return withEncryptId(withVaultOptions(new Command('create')))
    .description('Creates an encrypted file, written in $VISUAL or $EDITOR.')
    .argument('<file>')
    .action(async (file: string, flags: EncryptFlags) => {
      const { createFile } = await import('../vault/actions.ts')
      await createFile(file, encryptIdOf(flags), await passwordsOf(flags, 'ask', 'new'))
    })
}

function encrypt(): Command {
  return withEncryptId(withVaultOptions(new Command('encrypt')))
    .description('Encrypts files in place. Mode and owner stay the same.')
    .argument('<files...>', 'files, or - for standard input')
    .option('--output <file>', 'write there instead; - is standard output')
    .action(async (files: readonly string[], flags: EncryptFlags) => {
      const { encryptFiles } = await import('../vault/actions.ts')
      encryptFiles(files, flags.output, encryptIdOf(flags), await passwordsOf(flags, 'ask', 'new'))
    })
}

function decrypt(): Command {
  return withVaultOptions(new Command('decrypt'))
    .description('Decrypts files in place. Afterwards only their owner may read them.')
    .argument('<files...>', 'files, or - for standard input')
    .option('--output <file>', 'write there instead; - is standard output')
    .action(async (files: readonly string[], flags: EncryptFlags) => {
      const { decryptFiles } = await import('../vault/actions.ts')
      decryptFiles(files, flags.output, await passwordsOf(flags, 'ask'))
    })
}

interface RekeyFlags extends VaultOptions {
  readonly newVaultId?: readonly string[]
  readonly newVaultPasswordFile?: readonly string[]
}

function rekey(): Command {
  return withVaultOptions(new Command('rekey'))
    .description('Encrypts files with another password. All files are decrypted before the first one is written.')
    .argument('<files...>')
    .option('--new-vault-id <label@source>', 'the new password, with its id', gather)
    .option('--new-vault-password-file <file>', 'the new password, without an id', gather)
    .action(async (files: readonly string[], flags: RekeyFlags) => {
      const { rekeyFiles } = await import('../vault/actions.ts')
      const before = await passwordsOf(flags, 'ask')
      const { newVaultId: vaultId, newVaultPasswordFile: vaultPasswordFile } = flags
      const fresh = await passwordsOf({ vaultId, vaultPasswordFile }, 'ask', 'new', { environment: false })
      rekeyFiles(files, before, fresh)
    })
}

interface StringFlags extends EncryptFlags {
  readonly name?: string
}

function encryptString(): Command {
  return withEncryptId(withVaultOptions(new Command('encrypt-string')))
    .description(
      'Prints a text as an encrypted value for a file of variables. The text is asked for, or read from standard input:\n' +
        'an argument would be recorded in the history of the shell.',
    )
    .option('-n, --name <name>', 'the name of the variable')
    .addHelpText('after', examples(['printf %s "$TOKEN" | rolecall vault encrypt-string --name token', 'from a pipe']))
    .action(async (flags: StringFlags) => {
      const [{ encryptString }, { readBytes }, { askHidden }] = await Promise.all([
        import('../vault/actions.ts'),
        import('../vault/vault-files.ts'),
        import('../ask/ask-hidden.ts'),
      ])
      const text = process.stdin.isTTY ? Buffer.from(await askHidden('Text to encrypt: ')) : readBytes('-')
      const passwords = await passwordsOf(flags, 'ask', 'new')
      process.stdout.write(encryptString(text, flags.name, encryptIdOf(flags), passwords))
    })
}

function withEncryptId(command: Command): Command {
  return command.option('--encrypt-vault-id <label>', 'the id of the password that encrypts')
}

function encryptIdOf({ encryptVaultId }: EncryptFlags): string | undefined {
  const fromEnvironment = process.env['ANSIBLE_VAULT_ENCRYPT_IDENTITY']
  return encryptVaultId ?? (fromEnvironment === '' ? undefined : fromEnvironment)
}
