import { execFile } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { RolecallError } from '../../errors.ts'
import { askPassphrasesBy } from '../../host/passphrase.ts'
import { secret, type Secret } from '../../secret.ts'
import type { KeySecret } from '../../transport/ssh/target.ts'
import { programWeakness } from '../../machine/trusted.ts'

/** Seconds for a program that prints a passphrase: the program may ask a person. */
const LONGEST_SECONDS = 120

/**
 * Sets the source of passphrases for private keys, if neither the inventory nor an agent has them: a file, a program, the program of SSH_ASKPASS as in
 * ssh(1), or the terminal. Without any of these, a key with a passphrase is reported as unusable.
 *
 * @param file a file with the passphrase, or a program that gets the path of the key and `passphrase` or `PIN`, and prints it
 */
export function passphrasesFrom(file: string | undefined, output: { write(text: string): unknown }): void {
  askPassphrasesBy((key, what) => passphrase(key, what, file, output))
}

async function passphrase(
  key: string,
  what: KeySecret,
  file: string | undefined,
  output: { write(text: string): unknown },
): Promise<Secret | undefined> {
  const question = what === 'PIN' ? `Enter PIN for '${key}': ` : `Enter passphrase for key '${key}': `
  if (file !== undefined) return secret(isProgram(file) ? await printed(file, [key, what]) : firstLine(read(file)))
  const { SSH_ASKPASS: program, SSH_ASKPASS_REQUIRE: required } = process.env
  if (program !== undefined && (required === 'force' || required === 'prefer'))
    return secret(await printed(program, [question]))
  try {
    const { askHidden } = await import('./ask-hidden.ts')
    return secret(await askHidden(question, { output }))
  } catch (error) {
    // Without a terminal the key is not used. Another key may be accepted.
    if (error instanceof RolecallError) return undefined
    throw error
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw notRead(file, error)
  }
}

function printed(program: string, words: readonly string[]): Promise<string> {
  const weakness = programWeakness(program)
  if (weakness !== undefined)
    throw new RolecallError({
      code: 'auth',
      message: `the program ${program} for passphrases is not run: another user can change it`,
      expected: 'a program that only root, you and the owner of the project can write',
      got: `${weakness.path} ${weakness.why}`,
      hint: `remove the write access of others: chown or chmod go-w ${weakness.path}`,
    })
  return new Promise((resolve, reject) => {
    execFile(program, words, { timeout: LONGEST_SECONDS * 1000 }, (error, stdout) => {
      if (error === null) resolve(firstLine(stdout))
      else reject(notRead(program, error))
    })
  })
}

function firstLine(text: string): string {
  return text.split(/\r?\n/)[0] ?? ''
}

function notRead(file: string, error: unknown): RolecallError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'it ended by itself'
  return new RolecallError({
    code: 'auth',
    message: `no passphrase comes from ${file}`,
    expected: 'a file with the passphrase, or a program that prints it',
    got: code,
    hint: 'correct --key-passphrase-file or SSH_ASKPASS, or put the key into ssh-agent',
  })
}
