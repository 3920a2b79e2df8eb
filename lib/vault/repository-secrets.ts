import { RolecallError, type Place, type Problem } from '../errors.ts'
import { isSecret, secret, type Secret } from '../secret.ts'
import { isVaultText } from './ansible-vault.ts'
import { isAge } from './age.ts'
import { commandKey, runSecretCommand, runSecretCommandNow, type SecretCommand } from './command-secret.ts'
import { Keyring, NO_PASSWORDS } from './keyring.ts'
import { openFile, type OpenedFile } from './open-file.ts'
import { openVaultText, type Passwords } from './passwords.ts'
import { readSopsDocument } from './sops/document.ts'
import { literal, plainText } from './sops/plain-text.ts'
import { isSopsValue } from './sops/value.ts'

/** Settings for decrypting files and values. */
export interface RepositorySecretsOptions {
  /** Called once, for the first Ansible Vault text. */
  readonly passwords: () => Promise<Passwords>
  readonly env: NodeJS.ProcessEnv
  /** Called with a file that cannot be decrypted, which is then read as empty. Default: an error. */
  readonly onUnopened?: (problems: readonly Problem[]) => void
}

interface Waiting {
  readonly text: string
  readonly file: string
}

/**
 * Decrypts the files and values of a project, and runs programs for secrets.
 *
 * Loading is synchronous, but asking for passwords, decrypting and running programs are not. So a project with secrets is loaded twice: the first pass
 * collects the secrets and reads each as empty, `fetch` gets all of them at the same time, and the second pass reads their values.
 * A secret that is never read is never decrypted, and its program does not run.
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
  /** Decrypted SOPS values by their encrypted text. */
  readonly #values = new Map<string, Secret>()
  readonly #vaulted = new Map<string, Secret>()
  readonly #commands = new Map<string, { readonly command: SecretCommand; readonly place: Place }>()
  readonly #printed = new Map<string, Secret | Problem>()

  constructor(options: RepositorySecretsOptions) {
    this.#options = options
  }

  /** Whether the last pass found secrets that `fetch` must get. */
  get isWaiting(): boolean {
    return this.#needsPasswords || this.#files.size > 0 || this.#commands.size > 0
  }

  /** Gets all secrets that were found: passwords first, because files may need them, then files and programs at the same time. */
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

  /** The text of a file. Throws a RolecallError when the file cannot be decrypted. */
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
          message: 'the encrypted content of this file is not text in UTF-8',
          hint: `rolecall vault view ${file} prints it`,
        })
      }
      case 'values': {
        for (const { leaf, type, text } of opened.secrets) if (type === 'str') this.#values.set(leaf.text, secret(text))
        // A text keeps its mark as a secret, and stays on its line.
        const text = plainText(opened.document, opened.secrets, (each) =>
          each.type === 'str' ? `!vault ${JSON.stringify(each.leaf.text)}` : literal(each),
        )
        return { text, isSecret: false }
      }
    }
  }

  /** A value that is encrypted in a file or printed by a program. Throws a RolecallError when it cannot be read. */
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
        message: 'the value under !vault is not an Ansible Vault text',
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

  /** The text of a file of Ansible Vault that a template looks up. Throws a RolecallError when it cannot be decrypted. */
  openLookup(text: string, file: string): Secret {
    const known = this.#vaulted.get(text)
    if (known !== undefined) return known
    if (this.#keys === undefined && !this.#isSettled) {
      this.#needsPasswords = true
      return EMPTY
    }
    const opened = openVaultText(text, { file, line: 1 }, this.#keys?.passwords ?? NO_PASSWORDS)
    if ('problems' in opened) throw new RolecallError(opened.problems)
    const value = secret(opened.bytes.toString('utf8'))
    this.#vaulted.set(text, value)
    return value
  }

  /** Reads secrets at once from now on, because there is no further pass. */
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

/** A binary age file is kept with one character per byte. */
function bytesOf(text: string): Buffer {
  return Buffer.from(text, text.startsWith('age-encryption.org/') ? 'latin1' : 'utf8')
}

/** The most passes. A decrypted file may lead to further ones. */
const MOST_ROUNDS = 8

/** Repeats `work` until it needs no further secrets. Errors of earlier passes are ignored. */
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
