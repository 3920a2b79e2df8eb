import type { Secret } from '../secret.ts'

/** Asks a person, a file or a program for the passphrase of a private key. */
export type AskPassphrase = (file: string) => Promise<Secret | undefined>

let ask: AskPassphrase | undefined
const known = new Map<string, Promise<Secret | undefined>>()

/** Sets the function that asks for passphrases which the inventory lacks. Without one nothing is asked. */
export function askPassphrasesBy(asked: AskPassphrase | undefined): void {
  ask = asked
  known.clear()
}

/** The passphrase of a private key. Each file is asked for once in a run, one question after the other. */
export function passphraseOf(file: string, given: Secret | undefined): Promise<Secret | undefined> {
  if (given !== undefined) return Promise.resolve(given)
  const before = known.get(file)
  if (before !== undefined) return before
  const asking = last.then(() => ask?.(file))
  last = asking.catch(() => undefined)
  known.set(file, asking)
  return asking
}

let last: Promise<unknown> = Promise.resolve()
