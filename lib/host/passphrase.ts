import { processState } from '../process-state.ts'
import type { Secret } from '../secret.ts'
import type { KeySecret } from '../transport/ssh/target.ts'

/** Asks a person, a file or a program for the passphrase or the PIN of a private key. */
type AskPassphrase = (file: string, what: KeySecret) => Promise<Secret | undefined>

interface Passphrases {
  readonly ask: AskPassphrase | undefined
  readonly known: Map<string, Promise<Secret | undefined>>
  /** Keys that the inventory's passphrase was used for: it is not their PIN. */
  readonly opened: Set<string>
  last: Promise<unknown>
}

const state = processState(() => ({ passphrases: askedBy(undefined) }))

function askedBy(ask: AskPassphrase | undefined): Passphrases {
  return { ask, known: new Map(), opened: new Set(), last: Promise.resolve() }
}

/** Sets the function that asks for passphrases that the inventory lacks. Without one, nobody is asked. */
export function askPassphrasesBy(asked: AskPassphrase | undefined): void {
  state().passphrases = askedBy(asked)
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
  const { passphrases } = state()
  const { ask, known, opened } = passphrases
  if (given !== undefined && (what === 'passphrase' || !opened.has(file))) {
    if (what === 'passphrase') opened.add(file)
    return Promise.resolve(given)
  }
  const name = `${what} ${file}`
  const before = known.get(name)
  if (before !== undefined) return before
  const asking = passphrases.last.then(() => ask?.(file, what))
  passphrases.last = asking.catch(() => undefined)
  known.set(name, asking)
  return asking
}
