import { RolecallError, type Place, type Problem } from '../errors.ts'
import { isSecret, secret, type Secret } from '../secret.ts'
import { isVaultText } from './ansible-vault.ts'
import { isAge } from './age.ts'
import { commandKey, runSecretCommand, runSecretCommandNow, type SecretCommand } from './command-secret.ts'
import { Keyring } from './keyring.ts'
import { openFile, type OpenedFile } from './open-file.ts'
import { openVaultText, type Passwords } from './passwords.ts'
import { readSopsDocument } from './sops/document.ts'
import { literal, plainText } from './sops/plain-text.ts'
import { isSopsValue } from './sops/value.ts'

/** How encrypted things are met: in files first, whose texts are then opened, then by value. */
export interface RepositorySecretsOptions {
  /** Called once, when the first text of Ansible Vault is met. */
  readonly passwords: () => Promise<Passwords>
  readonly env: NodeJS.ProcessEnv
  /** Told of a file that cannot be opened, which is then read as empty. Default: that is refused. */
  readonly onUnopened?: (problems: readonly Problem[]) => void
}

interface Waiting {
  readonly text: string
  readonly file: string
}

/**
 * Opens what stands encrypted among the files of a project, and runs programs for secrets.
 *
 * Loading reads files one by one and cannot wait, while passwords are asked for, keys of age are used and programs run. So loading happens twice
 * where there is something to open: the first time notes what it meets, `fetch` gets all of that at the same time, and the second time has it.
 * What is met the first time is empty. Nothing that nobody reads is opened, and no program is run for it.
 *
 * @example
 * const inventory = await withSecrets(secrets, () => loadInventory('inventory', { secrets }))
 */
export class RepositorySecrets {
  readonly #options: RepositorySecretsOptions
  #keys: Keyring | undefined
  #needsPasswords = false
  #isSettled = false
  readonly #files = new Map<string, Waiting>()
  readonly #openedFiles = new Map<string, OpenedFile>()
  /** Values of SOPS by how they stand in their file. */
  readonly #values = new Map<string, Secret>()
  readonly #vaulted = new Map<string, Secret>()
  readonly #commands = new Map<string, { readonly command: SecretCommand; readonly place: Place }>()
  readonly #printed = new Map<string, Secret | Problem>()

  constructor(options: RepositorySecretsOptions) {
    this.#options = options
  }

  /** Whether something was met that `fetch` has to get before it is there. */
  get isWaiting(): boolean {
    return this.#needsPasswords || this.#files.size > 0 || this.#commands.size > 0
  }

  /** Gets all that was met: passwords first, for files may need them; files and programs at the same time. */
  async fetch(): Promise<void> {
    if (this.#needsPasswords || this.#files.size > 0)
      this.#keys ??= new Keyring(await this.#options.passwords(), this.#options.env)
    this.#needsPasswords = false
    const [files, commands] = [[...this.#files], [...this.#commands]]
    this.#files.clear()
    this.#commands.clear()
    const keys = this.#keys
    await Promise.all([
      ...files.map(async ([key, { text, file }]) => {
        if (keys !== undefined) this.#openedFiles.set(key, await openFile(bytesOf(text), file, keys))
      }),
      ...commands.map(async ([key, { command, place }]) =>
        this.#printed.set(key, await runSecretCommand(command, place)),
      ),
    ])
  }

  /** The text of a file. Throws a RolecallError when it is encrypted and cannot be opened. */
  openText(text: string, file: string): { readonly text: string; readonly isSecret: boolean } {
    if (!isVaultText(text) && !isAge(text) && readSopsDocument(text) === undefined) {
      if (this.#keys === undefined && text.includes('!vault')) this.#needsPasswords = true
      return { text, isSecret: false }
    }
    const key = `${file}\0${text}`
    const opened = this.#openedFiles.get(key)
    if (opened === undefined) {
      this.#files.set(key, { text, file })
      return { text: '', isSecret: true }
    }
    return this.#shown(opened, file)
  }

  #shown(opened: OpenedFile, file: string): { readonly text: string; readonly isSecret: boolean } {
    switch (opened.type) {
      case 'plain':
        return { text: '', isSecret: false }
      case 'failed':
        if (this.#options.onUnopened === undefined) throw new RolecallError(opened.problems)
        this.#options.onUnopened(opened.problems)
        return { text: '', isSecret: true }
      case 'whole': {
        const text = opened.bytes.toString('utf8')
        if (Buffer.from(text).equals(opened.bytes)) return { text: text.replace(/^\uFEFF/, ''), isSecret: true }
        throw new RolecallError({
          code: 'vars',
          place: { file },
          message: 'what is encrypted in this file is no text in UTF-8',
          hint: `rolecall vault view ${file} prints it`,
        })
      }
      case 'values': {
        for (const { leaf, type, text } of opened.secrets) if (type === 'str') this.#values.set(leaf.text, secret(text))
        // A text keeps its mark, so that it is known to be a secret where it stands; its line stays the same.
        const text = plainText(opened.document, opened.secrets, (each) =>
          each.type === 'str' ? `!vault ${JSON.stringify(each.leaf.text)}` : literal(each),
        )
        return { text, isSecret: false }
      }
    }
  }

  /** A value that stands encrypted in a file, or that a program prints. Throws a RolecallError when it cannot be had. */
  openValue(sealed: string | SecretCommand, place: Place): Secret {
    if (typeof sealed !== 'string') return this.#printedBy(sealed, place)
    if (isSopsValue(sealed)) {
      const value = this.#values.get(sealed)
      if (value !== undefined) return value
    }
    const known = this.#vaulted.get(sealed)
    if (known !== undefined) return known
    if (!isVaultText(sealed)) {
      throw new RolecallError({
        code: 'vars',
        place,
        message: 'the value under !vault is no text of Ansible Vault',
        expected: '$ANSIBLE_VAULT;1.1;AES256, and hexadecimal digits in lines under it',
        hint: 'rolecall vault encrypt-string makes one',
      })
    }
    if (this.#keys === undefined) {
      this.#needsPasswords = true
      return EMPTY
    }
    // The text begins on the line after its tag.
    const opened = openVaultText(sealed, { ...place, line: (place.line ?? 0) + 1 }, this.#keys.passwords)
    if ('problems' in opened) throw new RolecallError(opened.problems)
    const value = secret(opened.bytes.toString('utf8'))
    this.#vaulted.set(sealed, value)
    return value
  }

  /** From now on what is met is read at once: nobody comes again for it. */
  settle(): void {
    this.#isSettled = true
  }

  #runNow(command: SecretCommand, place: Place): Secret | Problem {
    const printed = runSecretCommandNow(command, place)
    this.#printed.set(commandKey(command), printed)
    return printed
  }

  #printedBy(command: SecretCommand, place: Place): Secret {
    const key = commandKey(command)
    const printed = this.#printed.get(key) ?? (this.#isSettled ? this.#runNow(command, place) : undefined)
    if (printed === undefined) {
      if (!this.#commands.has(key)) this.#commands.set(key, { command, place })
      return EMPTY
    }
    if (isSecret(printed)) return printed
    throw new RolecallError({ ...printed, place })
  }
}

const EMPTY = secret('')

/** A binary file of age is kept as one letter for each byte. */
function bytesOf(text: string): Buffer {
  return Buffer.from(text, text.startsWith('age-encryption.org/') ? 'latin1' : 'utf8')
}

/** So often something new may be met: a file that was opened may have further ones in it. */
const MOST_ROUNDS = 8

/** Does what reads secrets again until nothing more has to be got for it. What goes wrong before that is not told. */
export async function withSecrets<T>(secrets: RepositorySecrets, work: (round: number) => T | Promise<T>): Promise<T> {
  for (let round = 0; ; round++) {
    try {
      const result = await work(round)
      if (!secrets.isWaiting || round === MOST_ROUNDS) return result
    } catch (error) {
      if (!secrets.isWaiting || !(error instanceof RolecallError)) throw error
    }
    await secrets.fetch()
  }
}
