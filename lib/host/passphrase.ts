import type { Secret } from '../secret.ts'
import type { KeySecret } from '../transport/ssh/target.ts'

/** Asks a person, a file or a program for the passphrase or the PIN of a private key. */
type AskPassphrase = (file: string, what: KeySecret) => Promise<Secret | undefined>

let ask: AskPassphrase | undefined
const known = new Map<string, Promise<Secret | undefined>>()
/** Keys that the inventory's passphrase was used for: it is not their PIN. */
const opened = new Set<string>()

/** Sets the function that asks for passphrases that the inventory lacks. Without one, nobody is asked. */
export function askPassphrasesBy(asked: AskPassphrase | undefined): void {
  ask = asked
  known.clear()
  opened.clear()
}

/**
 * The passphrase or the PIN of a private key. Each is asked for once in a run, one question after the other.
 *
 * @param given the passphrase that the inventory has. It is the PIN of a key that has no passphrase.
 */
export function passphraseOf(
  file: string,
  given: Secret | undefined,
  what: KeySecret = 'passphrase',
): Promise<Secret | undefined> {
  if (given !== undefined && (what === 'passphrase' || !opened.has(file))) {
    if (what === 'passphrase') opened.add(file)
    return Promise.resolve(given)
  }
  const name = `${what} ${file}`
  const before = known.get(name)
  if (before !== undefined) return before
  const asking = last.then(() => ask?.(file, what))
  last = asking.catch(() => undefined)
  known.set(name, asking)
  return asking
}

let last: Promise<unknown> = Promise.resolve()
