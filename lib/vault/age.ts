import type { Decrypter, Identity } from 'age-encryption'

const ARMOR = '-----BEGIN AGE ENCRYPTED FILE-----'
const BINARY = 'age-encryption.org/v1\n'

/** Keys and passphrases for age files. */
export interface AgeKeys {
  /** Keys of the form `AGE-SECRET-KEY-1...`. */
  readonly identities: readonly string[]
  /** Passphrases for files that were encrypted with one. */
  readonly passphrases: readonly string[]
}

export type AgeOpened =
  | { readonly type: 'opened'; readonly bytes: Buffer }
  /** The file is valid, but no key fits. `isPassphrase`: the file needs a passphrase, not a key. */
  | {
      readonly type: 'no-key'
      readonly isPassphrase: boolean
      /** The recipient types in the header: `X25519`, `ssh-ed25519`, `scrypt`. */
      readonly recipients: readonly string[]
      /** The number of keys with a wrong checksum. */
      readonly damagedKeys: number
    }
  | { readonly type: 'damaged'; readonly why: string }

/** Whether a file begins like an age file, armored or binary. */
export function isAge(bytes: Buffer | string): boolean {
  const start =
    typeof bytes === 'string' ? bytes.slice(0, ARMOR.length) : bytes.subarray(0, ARMOR.length).toString('latin1')
  return start.startsWith(ARMOR) || start.startsWith(BINARY)
}

/** Decrypts an age file. Source: age-encryption.org/v1. */
export async function openAge(bytes: Buffer, { identities, passphrases }: AgeKeys): Promise<AgeOpened> {
  const { armor, Decrypter } = await import('age-encryption')
  let binary: Uint8Array
  try {
    binary =
      bytes.subarray(0, ARMOR.length).toString('latin1') === ARMOR ? armor.decode(bytes.toString('latin1')) : bytes
  } catch {
    return { type: 'damaged', why: 'its armor is not whole' }
  }
  const kinds = recipientsOf(Buffer.from(binary))
  const isPassphrase = kinds.includes('scrypt')
  const decrypter = new Decrypter()
  // Tried last, so that a passphrase is needed only when no key fits.
  const asked = { last: false }
  const damagedKeys = identities.filter((identity) => !isTaken(decrypter, identity)).length
  if (isPassphrase) for (const passphrase of passphrases) decrypter.addPassphrase(passphrase)
  const last: Identity = {
    unwrapFileKey() {
      asked.last = true
      return null
    },
  }
  decrypter.addIdentity(last)
  try {
    return { type: 'opened', bytes: Buffer.from(await decrypter.decrypt(binary)) }
  } catch {
    return asked.last
      ? { type: 'no-key', isPassphrase, recipients: kinds, damagedKeys }
      : { type: 'damaged', why: 'it was changed since it was encrypted, or is cut off' }
  }
}

/** Verifies the checksum at the end of a key. */
function isTaken(decrypter: Decrypter, identity: string): boolean {
  try {
    decrypter.addIdentity(identity)
    return true
  } catch {
    return false
  }
}

/** Whether a text has the form of an age key. */
export function isAgeIdentity(text: string): boolean {
  return /^AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]+$/.test(text)
}

/** The types of recipients in the header. */
function recipientsOf(binary: Buffer): readonly string[] {
  const header = binary.subarray(0, 65_536).toString('latin1').split('\n---')[0] ?? ''
  return Array.from(header.matchAll(/^-> (\S+)/gm), ([, type]) => type ?? '')
}
