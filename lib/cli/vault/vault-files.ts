import { readFileSync } from 'node:fs'
import { RolecallError, type Problem } from '../../errors.ts'
import {
  decryptVault,
  DEFAULT_ID,
  encryptVault,
  isVaultId,
  isVaultText,
  parseVaultText,
} from '../../vault/ansible-vault.ts'
import { openVaultText, type Opened, type Passwords, type VaultPassword } from '../../vault/passwords.ts'

/** A decrypted Ansible Vault text, with everything needed to encrypt it again in the same way. */
type OpenedVault = Exclude<Opened, { readonly problems: unknown }>

/** The bytes of a file, or of standard input for `-`. */
export function readBytes(file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') throw usage(`there is no file ${file}`)
    if (code === 'EISDIR') throw usage(`${file} is a directory`, 'give the files in it')
    throw error
  }
}

/** Decrypts a whole file. Throws a RolecallError if the file is not encrypted, or no password fits. */
export function openVaultFile(file: string, bytes: Buffer, passwords: Passwords): OpenedVault {
  if (!isVaultText(bytes)) throw notEncrypted(file)
  const opened = openVaultText(bytes.toString('latin1'), { file, line: 1 }, passwords)
  if ('problems' in opened) throw new RolecallError(opened.problems)
  return opened
}

export function notEncrypted(file: string): RolecallError {
  return usage(
    `${file === '-' ? 'standard input' : file} is not encrypted with Ansible Vault`,
    'a value under !vault inside a file is encrypted on its own: rolecall vault encrypt-string makes one',
  )
}

/** The password for encrypting: the one with this id, or the only one. */
export function encryptingPassword({ known, failures }: Passwords, id: string | undefined): VaultPassword {
  const [first, ...others] = known
  if (first === undefined) {
    const hint = 'give one with --vault-password-file FILE, --vault-id LABEL@FILE or --ask-vault-pass'
    throw new RolecallError(
      failures.length > 0 ? failures : { code: 'usage', message: 'no vault password was given', hint },
    )
  }
  if (id !== undefined) {
    const found = known.find((password) => password.id === id)
    if (found !== undefined) return found
    throw usage(`no vault password was given for the id ${id}`, `give it with --vault-id ${id}@FILE`)
  }
  if (others.some((other) => other.id !== first.id)) {
    throw usage(
      `there are vault passwords for ${known.map((password) => password.id).join(', ')}, and none is chosen for encrypting`,
      `add --encrypt-vault-id ${first.id}`,
    )
  }
  return first
}

/** Encrypts a text, and checks that the same password decrypts it again, so that no text is lost. */
export function encryptFor(plain: Buffer, password: VaultPassword, id: string = password.id): string {
  if (id !== DEFAULT_ID && !isVaultId(id))
    throw usage(
      `"${id}" cannot be the id of a vault password`,
      'an id has no spaces, no semicolons and only ASCII letters',
    )
  const text = encryptVault(plain, password.bytes, id)
  const parsed = parseVaultText(text)
  const again = 'problem' in parsed ? undefined : decryptVault(parsed, password.bytes)
  if (again?.equals(plain) !== true) throw new Error('an encrypted text cannot be opened again')
  return text
}

export function usage(message: string, hint?: string): RolecallError {
  const problem: Problem = { code: 'usage', message, ...(hint === undefined ? {} : { hint }) }
  return new RolecallError(problem)
}
