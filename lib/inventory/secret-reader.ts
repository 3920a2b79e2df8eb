import { Refusal } from '../errors.ts'
import type { Place } from '../errors.ts'
import type { Secret } from '../secret.ts'

/** A text as it is meant to be read. */
export interface OpenText {
  readonly text: string
  /** The file was encrypted: every text in it is a Secret. */
  readonly isSecret: boolean
}

/**
 * What opens encrypted files and values. The loader asks it for every text it reads; whoever starts the loading gives it.
 * Both throw a Refusal with the place when something cannot be opened.
 */
export interface SecretReader {
  /** The text of a file of an inventory or of variables; a text that is not encrypted comes back as it is. */
  openText(text: string, file: string): OpenText
  /** A value under `!vault`, asked for when it is read for the first time and not before. */
  openValue(text: string, place: Place): Secret
}

const VAULT_HINT =
  'decrypt it into a file outside the repository that only you can read (chmod 600) and pass that with -e @FILE, ' +
  "or give the playbook secret(process.env['NAME'])"

/** For a loading that nobody gave a reader: encrypted files and values are told apart from what they are not. */
export const noSecrets: SecretReader = {
  openText(text, file) {
    if (!text.startsWith('$ANSIBLE_VAULT')) return { text, isSecret: false }
    throw new Refusal({
      code: 'vars',
      place: { file, line: 1, column: 1 },
      message: 'the file is encrypted with Ansible Vault, which Rolecall does not read',
      hint: VAULT_HINT,
    })
  },
  openValue(_, place) {
    throw new Refusal({
      code: 'vars',
      place,
      message: 'the value is encrypted with Ansible Vault, which Rolecall does not read',
      hint: VAULT_HINT,
    })
  },
}
