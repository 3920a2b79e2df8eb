import { text } from '../kit/options/option-types.ts'

/** A public key of OpenSSH as written in a file. */
export interface PublicKey {
  /** The options before the type in authorized_keys. */
  readonly options: string
  readonly type: string
  readonly blob: string
  readonly comment: string
}

/** Any word may be a type: the blob after it begins with the same word, which nothing else does. OpenSSH gets new ones. */
const TYPE = /^[a-z][\w@.-]*$/

/**
 * Reads `[OPTIONS] TYPE BLOB [COMMENT]`. Undefined: no key.
 *
 * Source: sshd(8), AUTHORIZED_KEYS FILE FORMAT; RFC 4253, 6.6.
 */
export function readKey(line: string): PublicKey | undefined {
  // A key in a comment lets nobody in.
  if (line.trim().startsWith('#')) return undefined
  const words = wordsOf(line.trim())
  const at = [0, 1].find(
    (each) => TYPE.test(words[each]?.word ?? '') && isBlobOf(words[each]?.word ?? '', words[each + 1]?.word ?? ''),
  )
  if (at === undefined) return undefined
  const [type, blob] = [words[at], words[at + 1]]
  if (type === undefined || blob === undefined) return undefined
  const comment = line.trim().slice(blob.to).trim()
  return { options: at === 1 ? (words[0]?.word ?? '') : '', type: type.word, blob: blob.word, comment }
}

export function keyLine({ options, type, blob, comment }: PublicKey): string {
  return [options, type, blob, comment].filter((part) => part !== '').join(' ')
}

/** Options in front of a key: one word, with blanks only within double quotes. With others sshd does not know the key, and nobody is told. */
export function isKeyOptions(given: string): boolean {
  return !given.startsWith('#') && /^(?:"(?:\\.|[^"\\\r\n\0])*"|[^\s"\0])+$/.test(given)
}

/** Words with blanks between; blanks within double quotes belong to a word. */
function wordsOf(line: string): { readonly word: string; readonly to: number }[] {
  return [...line.matchAll(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g)].map((match) => ({
    word: match[0],
    to: match.index + match[0].length,
  }))
}

/** The blob begins with its own type. */
function isBlobOf(type: string, blob: string): boolean {
  if (!/^[A-Za-z0-9+/]+={0,3}$/.test(blob)) return false
  const bytes = Buffer.from(blob, 'base64')
  if (bytes.length < 8) return false
  const length = bytes.readUInt32BE(0)
  return bytes.toString('latin1', 4, 4 + length) === type
}

/** A public key as an option. */
export const publicKey = () =>
  text(
    'a public key in one line, such as "ssh-ed25519 AAAA... name"',
    (given) => !/[\r\n\0]/.test(given.trim()) && readKey(given) !== undefined,
    {
      got: (given) =>
        typeof given === 'string' && given.includes('PRIVATE KEY')
          ? 'a private key'
          : typeof given === 'string' && given.trim().includes('\n')
            ? 'several lines'
            : undefined,
      hint: (given) =>
        typeof given === 'string' && given.trim().includes('\n')
          ? 'give each key as a text of its own'
          : 'it is the content of a file NAME.pub',
    },
  )
