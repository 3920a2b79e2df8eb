import { createPrivateKey } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { fieldsOf, readPublicKey } from './public-key.ts'

/** The content of a private key file. */
export type KeyFile =
  /** `text`: the key in a format that ssh2 reads, once it is decrypted. */
  | {
      readonly type: 'private'
      readonly text: string
      readonly isEncrypted: boolean
      readonly public: Buffer | undefined
    }
  /** Only the public half: an agent may have the private one. */
  | { readonly type: 'public'; readonly public: Buffer }
  /** A key on a security key, which only the program `ssh` can use. */
  | { readonly type: 'security-key'; readonly public: Buffer }
  | { readonly type: 'absent' }
  | { readonly type: 'unusable'; readonly why: string }

const MOST_BYTES = 1024 * 1024

/**
 * Reads a private key in any format that ssh(1) takes: OpenSSH, PKCS#1, SEC 1, PKCS#8.
 *
 * Source: PROTOCOL.key of OpenSSH; RFC 5958; ssh-keygen(1), -m.
 */
export async function readKeyFile(path: string): Promise<KeyFile> {
  try {
    const { uid, mode, size } = await stat(path)
    const isOurs = uid === process.getuid?.()
    if (size > MOST_BYTES) return { type: 'unusable', why: 'too long for a private key' }
    const text = await readFile(path, 'utf8')
    const file = keyIn(text, await publicBeside(path))
    // ssh does not use such a key either.
    if (file.type === 'private' && isOurs && (mode & 0o077) !== 0)
      return {
        type: 'unusable',
        why: `others can read it (mode ${(mode & 0o777).toString(8).padStart(4, '0')}): chmod 600 ${path}`,
      }
    return file
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'ENOENT' || code === 'ENOTDIR') return { type: 'absent' }
    return {
      type: 'unusable',
      why: code === 'EACCES' ? 'this user may not read it' : code === 'EISDIR' ? 'a directory' : code,
    }
  }
}

/** The public key in the `.pub` file beside a private key, if there is one. */
async function publicBeside(path: string): Promise<Buffer | undefined> {
  return publicIn(await readFile(`${path}.pub`, 'utf8').catch(() => ''))
}

function publicIn(text: string): Buffer | undefined {
  const [type = '', base64 = ''] = text.trim().split(/\s+/)
  return readPublicKey(type, base64)
}

function keyIn(text: string, beside: Buffer | undefined): KeyFile {
  if (text.trim() === '') return { type: 'unusable', why: 'empty' }
  const itself = publicIn(text)
  if (itself !== undefined) return { type: 'public', public: itself }
  const label = /^\uFEFF?-----BEGIN ([A-Z0-9 ]+)-----\s*$/m.exec(text)?.[1]
  switch (label) {
    case 'OPENSSH PRIVATE KEY':
      return opensshKey(text)
    case 'RSA PRIVATE KEY':
    case 'EC PRIVATE KEY':
    case 'DSA PRIVATE KEY':
      return { type: 'private', text, isEncrypted: /^Proc-Type: 4,ENCRYPTED/m.test(text), public: beside }
    case 'PRIVATE KEY':
    case 'ENCRYPTED PRIVATE KEY':
      return { type: 'private', text, isEncrypted: label !== 'PRIVATE KEY', public: beside }
    case 'PUBLIC KEY':
    case 'RSA PUBLIC KEY':
      return { type: 'unusable', why: 'a public key, not a private one' }
    case undefined:
      return {
        type: 'unusable',
        why: /^PuTTY-User-Key-File/.test(text)
          ? 'a key of PuTTY: puttygen KEY -O private-openssh -o NEW'
          : /^---- BEGIN SSH2 PUBLIC KEY/.test(text)
            ? 'a public key, not a private one'
            : 'no private key',
      }
    default:
      return { type: 'unusable', why: `${label.toLowerCase()}, not a private key` }
  }
}

const MAGIC = 'openssh-key-v1\0'
const BEGIN = '-----BEGIN OPENSSH PRIVATE KEY-----\n'
const END = '\n-----END OPENSSH PRIVATE KEY-----\n'

/** Source: sshkey_parse_private2 of OpenSSH 9.2. */
function opensshKey(text: string): KeyFile {
  const shape = shapeProblem(text)
  if (shape !== undefined) return { type: 'unusable', why: shape }
  const damaged: KeyFile = { type: 'unusable', why: 'damaged' }
  const end = text.indexOf(END) + END.length
  const base64 = text.slice(BEGIN.length, end - END.length).replaceAll(/\s/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64) || base64.length % 4 !== 0) return damaged
  const blob = Buffer.from(base64, 'base64')
  if (blob.toString('latin1', 0, MAGIC.length) !== MAGIC) return damaged
  const [cipher, length = 0] = stringAt(blob, MAGIC.length)
  const [, options = 0] = stringAt(blob, length)
  const [, count = 0] = stringAt(blob, options)
  const [itself, next = 0] = stringAt(blob, count + 4)
  const [secret] = stringAt(blob, next)
  if (cipher === undefined || itself === undefined || secret === undefined) return damaged
  const type = fieldsOf(itself)?.[0]?.toString('latin1')
  if (type === undefined) return damaged
  if (type.startsWith('sk-')) return { type: 'security-key', public: itself }
  const isEncrypted = cipher.toString('latin1') !== 'none'
  if (!isEncrypted && !isWhole(secret, itself)) return damaged
  return { type: 'private', text: text.slice(0, end), isEncrypted, public: itself }
}

/** What keeps ssh from finding the key in a text of OpenSSH's own format, where a person would see one. */
function shapeProblem(text: string): string | undefined {
  if (text.includes('\r\n')) return "its lines end as on Windows, which ssh does not read: sed -i 's/\\r$//' KEY"
  if (!text.startsWith('-----BEGIN')) return 'there is text before its first line, and ssh does not accept that'
  if (!text.startsWith(BEGIN)) return 'its first line has text after it, which ssh does not read'
  if (text.includes(END)) return undefined
  return text.includes(END.trimEnd())
    ? 'its last line has no end, which ssh does not read: echo >> KEY'
    : 'its last line is missing or damaged'
}

/** How many fields a private key has after its type. */
const FIELDS: Readonly<Record<string, number>> = {
  'ssh-ed25519': 2,
  'ssh-rsa': 6,
  'ssh-dss': 5,
  'ecdsa-sha2-nistp256': 3,
  'ecdsa-sha2-nistp384': 3,
  'ecdsa-sha2-nistp521': 3,
}

/** Whether the private half of a key that is not encrypted is whole, and is that of the public half. */
function isWhole(secret: Buffer, itself: Buffer): boolean {
  if (secret.length < 8 || secret.readUInt32BE(0) !== secret.readUInt32BE(4)) return false
  const [type, ...own] = fieldsOf(itself) ?? []
  const name = type?.toString('latin1') ?? ''
  const count = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined
  if (count === undefined) return true
  const fields: Buffer[] = []
  let at = 8
  // The type comes before the fields, the comment after them.
  for (let left = count + 2; left > 0; left--) {
    const [field, end] = stringAt(secret, at)
    if (field === undefined || end === undefined) return false
    fields.push(field)
    at = end
  }
  const padding = [...secret.subarray(at)]
  return (
    type !== undefined &&
    fields[0]?.equals(type) === true &&
    own.every((field) => fields.some((each) => each.equals(field))) &&
    padding.every((byte, index) => byte === index + 1)
  )
}

/** A string of RFC 4251 and its end; undefined when it is cut short. */
function stringAt(blob: Buffer, at: number): readonly [Buffer, number] | readonly [] {
  if (at + 4 > blob.length) return []
  const end = at + 4 + blob.readUInt32BE(at)
  return end > blob.length ? [] : [blob.subarray(at + 4, end), end]
}

/** Decrypts a key for ssh2, converting PEM to the forms that it reads. Throws an Error for a wrong passphrase, and for a damaged key. */
export function asLibraryKey(text: string, passphrase: string | undefined): string {
  // ssh2 reads OpenSSH's own format, and DSA keys, which nothing else writes, in PEM.
  if (/^-----BEGIN (OPENSSH|DSA) PRIVATE KEY-----/m.test(text)) return text
  const key = createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase }) })
  const { asymmetricKeyType: type } = key
  if (type === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }).toString()
  if (type === 'ec') return key.export({ type: 'sec1', format: 'pem' }).toString()
  throw new Error(`${type ?? 'unknown'} keys in PKCS#8 are not read: ssh-keygen -p -f KEY writes OpenSSH's own format`)
}
