import type { Place, Problem } from '../errors.ts'
import { secret } from '../secret.ts'
import { decryptVault, DEFAULT_ID, parseVaultText } from './ansible-vault.ts'

/** An Ansible Vault password from a source. */
export interface VaultPassword {
  /** The source's label, or `default`. */
  readonly id: string
  readonly bytes: Buffer
  /** The source in words: `the file ~/.vault-pass`, `the prompt`. */
  readonly from: string
}

/** The passwords, and the problems of sources without one. */
export interface Passwords {
  readonly known: readonly VaultPassword[]
  readonly failures: readonly Problem[]
  /** Try only the password with the id in the header. Default: try it first, then all others. */
  readonly onlyMatching?: boolean
}

export type Opened =
  | { readonly bytes: Buffer; readonly password: VaultPassword; readonly id: string | undefined }
  | { readonly problems: readonly Problem[] }

/** Makes a password that is masked in all output from now on. */
export function vaultPassword(id: string, bytes: Buffer, from: string): VaultPassword {
  secret(bytes.toString('utf8'))
  return { id, bytes, from }
}

/** Decrypts an Ansible Vault text that begins at a place. */
export function openVaultText(text: string, place: Place, passwords: Passwords): Opened {
  const parsed = parseVaultText(text)
  if ('problem' in parsed) {
    const { line, ...words } = parsed.problem
    return { problems: [{ code: 'vars', ...words, place: { ...place, line: (place.line ?? 1) + line - 1 } }] }
  }
  for (const password of candidates(parsed.id, passwords)) {
    const bytes = decryptVault(parsed, password.bytes)
    if (bytes !== undefined) return { bytes, password, id: parsed.id }
  }
  return { problems: [notOpened(parsed.id, place, passwords), ...passwords.failures] }
}

/** The id is only a hint, because it is not authenticated. Ansible tries all passwords, too. */
function candidates(id: string | undefined, { known, onlyMatching }: Passwords): readonly VaultPassword[] {
  const wanted = id ?? DEFAULT_ID
  const matching = known.filter((password) => password.id === wanted)
  return onlyMatching === true ? matching : [...matching, ...known.filter((password) => password.id !== wanted)]
}

const SOURCES = 'give it with --vault-password-file FILE, --ask-vault-pass, or ANSIBLE_VAULT_PASSWORD_FILE'

function notOpened(id: string | undefined, place: Place, { known, failures, onlyMatching }: Passwords): Problem {
  const what = id === undefined ? 'an Ansible Vault text' : `an Ansible Vault text with the id ${id}`
  const common = { code: 'vars', place } as const
  const forId = id === undefined ? SOURCES : `give it with --vault-id ${id}@FILE, or --vault-id ${id}@prompt`
  if (known.length === 0) {
    const message = `${what} needs a password, and ${failures.length === 0 ? 'none was given' : 'no source has one'}`
    return { ...common, message, hint: forId }
  }
  const matching = known.filter((password) => password.id === (id ?? DEFAULT_ID))
  const tried = (onlyMatching === true ? matching : known).map((password) => `${password.id} (${password.from})`)
  if (id !== undefined && matching.length === 0) {
    return {
      ...common,
      message:
        tried.length === 0
          ? `no password has the id ${id}, and only such a one may open this text`
          : `no password was given for the id ${id}, and no other opens this text`,
      expected: `a password for the id ${id}`,
      got: `passwords for ${known.map((password) => password.id).join(', ')}`,
      hint: forId,
    }
  }
  return {
    ...common,
    message: `no password opens ${what}: it was encrypted with another one, or the text was changed since`,
    expected: 'the password with which it was encrypted',
    got: `passwords for ${tried.join(', ')}`,
    hint: forId,
  }
}
