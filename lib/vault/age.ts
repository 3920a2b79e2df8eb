import type { Decrypter, Identity } from 'age-encryption'

const ARMOR = '-----BEGIN AGE ENCRYPTED FILE-----'
const BINARY = 'age-encryption.org/v1\n'

/** What opens files of age. */
export interface AgeKeys {
  /** `AGE-SECRET-KEY-1...`, each. */
  readonly identities: readonly string[]
  /** For files that were encrypted with a passphrase. */
  readonly passphrases: readonly string[]
}

export type AgeOpened =
  | { readonly type: 'opened'; readonly bytes: Buffer }
  /** It is well formed, and none of the keys is for it. `isPassphrase`: a passphrase opens it, and no key. */
  | {
      readonly type: 'no-key'
      readonly isPassphrase: boolean
      /** The types in its header: `X25519`, `ssh-ed25519`, `scrypt`. */
      readonly recipients: readonly string[]
      /** So many of the keys have a wrong letter. */
      readonly damagedKeys: number
    }
  | { readonly type: 'damaged'; readonly why: string }

/** Whether this is a file of age, by its first letters: armored or binary. */
export function isAge(bytes: Buffer | string): boolean {
  const start =
    typeof bytes === 'string' ? bytes.slice(0, ARMOR.length) : bytes.subarray(0, ARMOR.length).toString('latin1')
  return start.startsWith(ARMOR) || start.startsWith(BINARY)
}

/** Opens a file of age. Source: age-encryption.org/v1. */
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
  // It comes last, and is asked only when no key fits.
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

/** A key ends with a checksum. */
function isTaken(decrypter: Decrypter, identity: string): boolean {
  try {
    decrypter.addIdentity(identity)
    return true
  } catch {
    return false
  }
}

/** Whether a text can be a key of age. */
export function isAgeIdentity(text: string): boolean {
  return /^AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]+$/.test(text)
}

/** The types of recipients in the header. */
function recipientsOf(binary: Buffer): readonly string[] {
  const header = binary.subarray(0, 65_536).toString('latin1').split('\n---')[0] ?? ''
  return Array.from(header.matchAll(/^-> (\S+)/gm), ([, type]) => type ?? '')
}
