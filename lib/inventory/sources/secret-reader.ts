import { RolecallError } from '../../errors.ts'
import type { Place } from '../../errors.ts'
import type { Secret } from '../../secret.ts'
import { isAge } from '../../vault/age.ts'
import { isVaultText } from '../../vault/ansible-vault.ts'
import type { SecretCommand } from '../../vault/command-secret.ts'

/** The decrypted text of a file. */
export interface OpenText {
  readonly text: string
  /** The file was encrypted: every text in it is a Secret. */
  readonly isSecret: boolean
}

/**
 * Decrypts files and values. The loader calls it for every text.
 * Both methods throw a RolecallError with the place when something cannot be decrypted.
 */
export interface SecretReader {
  /** Decrypts the text of an inventory or variables file. Returns other texts unchanged. */
  openText(text: string, file: string): OpenText
  /** Decrypts a `!vault` value, or runs the program that prints a secret. Called when the value is first read. */
  openValue(sealed: string | SecretCommand, place: Place): Secret
  /** Decrypts a file of Ansible Vault that a template looks up, as Ansible does. */
  openLookup(text: string, file: string): Secret
}

const HINT = 'load it by openInventory(), with its passwords or keys'

/** The default reader: refuses encrypted files and values. */
export const noSecrets: SecretReader = {
  openText(text, file) {
    if (!isVaultText(text) && !isAge(text)) return { text, isSecret: false }
    const place = { file, line: 1, column: 1 }
    throw new RolecallError({
      code: 'vars',
      place,
      message: 'the file is encrypted, and there is no password or key for it',
      hint: HINT,
    })
  },
  openLookup(_, file) {
    throw new RolecallError({
      code: 'vars',
      place: { file, line: 1, column: 1 },
      message: 'the file is encrypted, and there is no password or key for it',
      hint: HINT,
    })
  },
  openValue(_, place) {
    throw new RolecallError({
      code: 'vars',
      place,
      message: 'the value is encrypted, and there is no password or key for it',
      hint: HINT,
    })
  },
}
