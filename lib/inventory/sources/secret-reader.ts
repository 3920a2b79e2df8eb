import { RolecallError } from '../../errors.ts'
import type { Place } from '../../errors.ts'
import type { Secret } from '../../secret.ts'
import { isAge } from '../../vault/age.ts'
import { isVaultText } from '../../vault/ansible-vault.ts'
import type { SecretCommand } from '../../vault/command-secret.ts'

/** A text as it is meant to be read. */
export interface OpenText {
  readonly text: string
  /** The file was encrypted: every text in it is a Secret. */
  readonly isSecret: boolean
}

/**
 * What opens encrypted files and values. The loader asks it for every text it reads; whoever starts the loading gives it.
 * Both throw a RolecallError with the place when something cannot be opened.
 */
export interface SecretReader {
  /** The text of a file of an inventory or of variables; a text that is not encrypted comes back as it is. */
  openText(text: string, file: string): OpenText
  /** A value under `!vault`, or what a program prints; asked for when it is read for the first time and not before. */
  openValue(sealed: string | SecretCommand, place: Place): Secret
}

const HINT = 'load it by openInventory(), with what opens it'

/** For a loading that nobody gave a reader: encrypted files and values are told apart from what they are not. */
export const noSecrets: SecretReader = {
  openText(text, file) {
    if (!isVaultText(text) && !isAge(text)) return { text, isSecret: false }
    const place = { file, line: 1, column: 1 }
    throw new RolecallError({
      code: 'vars',
      place,
      message: 'the file is encrypted, and nothing is given that opens it',
      hint: HINT,
    })
  },
  openValue(_, place) {
    throw new RolecallError({
      code: 'vars',
      place,
      message: 'the value is encrypted, and nothing is given that opens it',
      hint: HINT,
    })
  },
}
