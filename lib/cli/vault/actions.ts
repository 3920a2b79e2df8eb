import { existsSync } from 'node:fs'
import type { Passwords } from '../../vault/passwords.ts'
import { isVaultText } from '../../vault/ansible-vault.ts'
import { replaceFile } from '../../vault/replace-file.ts'
import { editPrivately } from './private-edit.ts'
import { encryptFor, encryptingPassword, openVaultFile, readBytes, usage } from './vault-files.ts'

/** Decrypts all files before writing any, so that a wrong password for the last one leaves the first one unchanged. */
export function decryptFiles(files: readonly string[], output: string | undefined, passwords: Passwords): void {
  const opened = withOutput(files, output).map((file) => ({
    file,
    plain: openVaultFile(file, readBytes(file), passwords).bytes,
  }))
  // Accounts that could read the encrypted file must not be able to read the decrypted one.
  for (const { file, plain } of opened) write(output ?? file, plain, { isPlain: true })
}

export function encryptFiles(
  files: readonly string[],
  output: string | undefined,
  id: string | undefined,
  passwords: Passwords,
): void {
  const password = encryptingPassword(passwords, id)
  const encrypted = withOutput(files, output).map((file) => {
    const plain = readBytes(file)
    if (isVaultText(plain)) throw usage(`${file} is encrypted already`, `rolecall vault edit ${file} changes it`)
    return { file, text: encryptFor(plain, password) }
  })
  for (const { file, text } of encrypted) write(output ?? file, Buffer.from(text))
}

export function rekeyFiles(files: readonly string[], passwords: Passwords, fresh: Passwords): void {
  const password = encryptingPassword(fresh, undefined)
  const rekeyed = files.map((file) => {
    const { bytes } = openVaultFile(file, readBytes(file), passwords)
    return { file, text: encryptFor(bytes, password) }
  })
  for (const { file, text } of rekeyed) replaceFile(file, text)
}

export async function editFile(file: string, passwords: Passwords) {
  if (!existsSync(file)) throw usage(`there is no file ${file}`, `rolecall vault create ${file} creates it`)
  const before = readBytes(file)
  const { bytes, password, id } = openVaultFile(file, before, passwords)
  const edited = await editPrivately(bytes, file)
  if (edited.equals(bytes)) return
  const text = encryptFor(edited, password, id ?? 'default')
  if (readBytes(file).equals(before)) return replaceFile(file, text)
  const beside = `${file}.edited`
  replaceFile(beside, text)
  throw usage(
    `${file} was changed by another program meanwhile`,
    `your text is in ${beside}, encrypted: merge the two files`,
  )
}

export async function createFile(file: string, id: string | undefined, passwords: Passwords) {
  if (existsSync(file)) throw usage(`${file} exists already`, `rolecall vault edit ${file} changes it`)
  const password = encryptingPassword(passwords, id)
  const plain = await editPrivately(Buffer.alloc(0), file)
  const text = encryptFor(plain, password)
  if (existsSync(file)) throw usage(`${file} was created by another program meanwhile`)
  replaceFile(file, text)
}

/** A YAML value, for a file of variables. */
export function encryptString(
  text: Buffer,
  name: string | undefined,
  id: string | undefined,
  passwords: Passwords,
): string {
  if (isVaultText(text)) throw usage('the text is encrypted already')
  const encrypted = encryptFor(text, encryptingPassword(passwords, id))
  const indented = encrypted.trimEnd().replaceAll(/^/gm, ' '.repeat(10))
  return `${name === undefined ? '' : `${name}: `}!vault |\n${indented}\n`
}

function withOutput(files: readonly string[], output: string | undefined): readonly string[] {
  if (output !== undefined && files.length > 1)
    throw usage('--output takes one file', 'name one file, or leave --output out')
  return files
}

function write(file: string, content: Buffer, { isPlain = false } = {}): void {
  if (file === '-') process.stdout.write(content)
  else replaceFile(file, content, isPlain ? { mode: 0o600 } : {})
}
