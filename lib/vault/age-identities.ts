import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { homeDirectory } from '../machine/account.ts'
import type { Problem } from '../errors.ts'
import { secret } from '../secret.ts'
import { isAgeIdentity } from './age.ts'

/** The age keys that were found, and the problems of invalid ones. */
export interface AgeIdentities {
  readonly identities: readonly string[]
  readonly failures: readonly Problem[]
  /** The places that were searched, for messages. */
  readonly looked: readonly string[]
}

/**
 * Reads age keys where SOPS does: SOPS_AGE_KEY, SOPS_AGE_KEY_FILE, and sops/age/keys.txt in the user's configuration directory.
 *
 * Source: getsops.io, "Encrypting using age".
 */
export function readAgeIdentities(env: NodeJS.ProcessEnv): AgeIdentities {
  const identities: string[] = []
  const failures: Problem[] = []
  const looked: string[] = []
  const take = (text: string, from: string) => {
    for (const [at, line] of text.split(/\r?\n/).entries()) {
      const word = line.trim()
      if (word === '' || word.startsWith('#')) continue
      secret(word)
      if (isAgeIdentity(word)) identities.push(word)
      else failures.push(noKey(from, at + 1, word))
    }
  }
  const { SOPS_AGE_KEY: key = '', SOPS_AGE_KEY_FILE: file = '' } = env
  if (key !== '') take(key.replaceAll(',', '\n'), 'SOPS_AGE_KEY')
  const files = [...(file === '' ? [] : [{ path: file, isNamed: true }]), { path: usualFile(env), isNamed: false }]
  for (const { path, isNamed } of files) {
    looked.push(path)
    const read = textOf(path)
    if (read !== undefined) take(read, path)
    else if (isNamed) failures.push({ code: 'usage', message: `the file ${path} of SOPS_AGE_KEY_FILE cannot be read` })
  }
  return { identities, failures, looked: ['SOPS_AGE_KEY', 'SOPS_AGE_KEY_FILE', ...looked.slice(-1)] }
}

function usualFile({ XDG_CONFIG_HOME: config = '' }: NodeJS.ProcessEnv): string {
  const usual =
    process.platform === 'darwin'
      ? join(homeDirectory(), 'Library/Application Support')
      : join(homeDirectory(), '.config')
  return join(config === '' ? usual : config, 'sops/age/keys.txt')
}

function noKey(from: string, line: number, word: string): Problem {
  const isPlugin = word.startsWith('AGE-PLUGIN-')
  const isSsh = word.includes('PRIVATE KEY')
  return {
    code: 'usage',
    message: `${isPlugin ? 'a key of a plugin' : isSsh ? 'an SSH key' : 'a line that is not an age key'} stands in ${from}`,
    ...(from.includes('/') ? { place: { file: from, line } } : {}),
    expected: 'AGE-SECRET-KEY-1...',
    ...(isPlugin || isSsh ? { hint: 'such keys need the program sops or age' } : {}),
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
