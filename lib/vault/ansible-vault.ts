import { createCipheriv, createDecipheriv, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'

/** The beginning of every Ansible Vault text. */
export const HEADER = '$ANSIBLE_VAULT'

/** The id of a password without a label. */
export const DEFAULT_ID = 'default'

/** A parsed Ansible Vault text. Checking it needs a password. */
export interface Envelope {
  readonly version: '1.1' | '1.2'
  /** The id in the header; only format 1.2 has one. It is not authenticated. */
  readonly id?: string
  readonly salt: Buffer
  readonly hmac: Buffer
  readonly ciphertext: Buffer
}

/** Why a text cannot be decrypted with any password. */
export interface FormatProblem {
  /** The line in the text, from 1. */
  readonly line: number
  readonly message: string
  readonly expected?: string
  readonly got?: string
  readonly hint?: string
}

const ROUNDS = 10_000
const SALT_BYTES = 32
const KEY_BYTES = 32
const BLOCK_BYTES = 16
const HMAC_BYTES = 32
const COLUMNS = 80
const ID = /^[\x21-\x3a\x3c-\x7e]+$/

/** Whether a text begins like an Ansible Vault text. */
export function isVaultText(text: string | Buffer): boolean {
  return typeof text === 'string'
    ? text.startsWith(HEADER)
    : text.subarray(0, HEADER.length).toString('latin1') === HEADER
}

/**
 * Parses an Ansible Vault text: a line with the format, then hexadecimal digits in lines of 80 columns. Line breaks of any
 * system are accepted.
 *
 * Source: docs.ansible.com, "Ansible Vault payload format 1.1 - 1.2".
 */
export function parseVaultText(text: string): Envelope | { readonly problem: FormatProblem } {
  const [header = '', ...lines] = text.split(/\r\n|\r|\n/)
  const [, version, cipher, id] = header.split(';').map((part) => part.trim())
  const wrong = headerProblem(header, version, cipher)
  if (wrong !== undefined || (version !== '1.1' && version !== '1.2'))
    return { problem: wrong ?? damaged(1, 'the header is damaged') }
  const notHex = lines.findIndex((line) => !/^[0-9a-f]*$/i.test(line.trim()))
  if (notHex !== -1)
    return { problem: damaged(notHex + 2, 'a line has other letters than hexadecimal digits', 'only 0-9 and a-f') }
  const last = lines.findLastIndex((line) => line.trim() !== '') + 2
  const parts = partsOf(lines.map((line) => line.trim()).join(''))
  if (parts === undefined) return { problem: damaged(last, 'the text is cut off, or a piece of it is missing') }
  return { version, ...(id === undefined || id === '' ? {} : { id }), ...parts }
}

function headerProblem(
  header: string,
  version: string | undefined,
  cipher: string | undefined,
): FormatProblem | undefined {
  const expected = '$ANSIBLE_VAULT;1.1;AES256, or $ANSIBLE_VAULT;1.2;AES256;ID'
  if (version === undefined || cipher === undefined) return damaged(1, 'the header is damaged', expected)
  if (version === '1.0' || cipher === 'AES') {
    return {
      line: 1,
      message: `this is the format ${version} of Ansible Vault (cipher ${cipher}), which no Ansible since 2.4 writes or reads`,
      expected,
      got: header,
      hint: 'open it with an old ansible-vault (2.3 or before: ansible-vault rekey), or write the values again',
    }
  }
  if (version === '1.1' || version === '1.2') {
    return cipher === 'AES256'
      ? undefined
      : { line: 1, message: 'the cipher of this Ansible Vault text is unknown', expected, got: header }
  }
  return { line: 1, message: 'the format of this Ansible Vault text is unknown', expected, got: header }
}

function partsOf(hex: string): Pick<Envelope, 'salt' | 'hmac' | 'ciphertext'> | undefined {
  const inner = bytesOf(hex)?.toString('latin1').split('\n')
  if (inner?.length !== 3) return undefined
  const [salt, hmac, ciphertext] = inner.map(bytesOf)
  if (salt === undefined || salt.length === 0 || hmac?.length !== HMAC_BYTES) return undefined
  // Padding fills the last block. A full last block is followed by a block of padding.
  if (ciphertext === undefined || ciphertext.length === 0 || ciphertext.length % BLOCK_BYTES !== 0) return undefined
  return { salt, hmac, ciphertext }
}

function bytesOf(hex: string): Buffer | undefined {
  return /^(?:[0-9a-f]{2})*$/i.test(hex) ? Buffer.from(hex, 'hex') : undefined
}

function damaged(line: number, message: string, expected?: string): FormatProblem {
  return {
    line,
    message: `the encrypted text is damaged: ${message}`,
    ...(expected === undefined ? {} : { expected }),
    hint: 'take it from the repository again as it was (git log -p FILE shows when it changed), or encrypt it again',
  }
}

/** Decrypts a text; undefined for the wrong password or a changed text. */
export function decryptVault(envelope: Envelope, password: Buffer): Buffer | undefined {
  const { cipherKey, hmacKey, iv } = keysOf(password, envelope.salt)
  if (!timingSafeEqual(hmacOf(envelope.ciphertext, hmacKey), envelope.hmac)) return undefined
  const decipher = createDecipheriv('aes-256-ctr', cipherKey, iv)
  return withoutPadding(Buffer.concat([decipher.update(envelope.ciphertext), decipher.final()]))
}

/**
 * Encrypts as Ansible Vault does: in format 1.2 with an id, in 1.1 without one or with the id `default`.
 *
 * @example
 * encryptVault(Buffer.from('hunter2'), Buffer.from(password), 'prod')   // $ANSIBLE_VAULT;1.2;AES256;prod ...
 */
export function encryptVault(
  plain: Buffer,
  password: Buffer,
  id: string = DEFAULT_ID,
  salt = randomBytes(SALT_BYTES),
): string {
  const { cipherKey, hmacKey, iv } = keysOf(password, salt)
  const cipher = createCipheriv('aes-256-ctr', cipherKey, iv)
  const ciphertext = Buffer.concat([cipher.update(padded(plain)), cipher.final()])
  const parts = [salt, hmacOf(ciphertext, hmacKey), ciphertext].map((part) => part.toString('hex'))
  const hex = Buffer.from(parts.join('\n')).toString('hex')
  const lines = hex.match(new RegExp(`.{1,${COLUMNS}}`, 'g')) ?? []
  const header = id === DEFAULT_ID ? [HEADER, '1.1', 'AES256'] : [HEADER, '1.2', 'AES256', id]
  return [header.join(';'), ...lines, ''].join('\n')
}

/** Whether a name can be the id of a password: the header allows no spaces, no semicolons, and only ASCII. */
export function isVaultId(id: string): boolean {
  return ID.test(id)
}

function keysOf(password: Buffer, salt: Buffer) {
  const derived = pbkdf2Sync(password, salt, ROUNDS, 2 * KEY_BYTES + BLOCK_BYTES, 'sha256')
  return {
    cipherKey: derived.subarray(0, KEY_BYTES),
    hmacKey: derived.subarray(KEY_BYTES, 2 * KEY_BYTES),
    iv: derived.subarray(2 * KEY_BYTES),
  }
}

function hmacOf(ciphertext: Buffer, key: Buffer): Buffer {
  return createHmac('sha256', key).update(ciphertext).digest()
}

/** PKCS7 padding: the missing bytes all have their number as value. */
function padded(plain: Buffer): Buffer {
  const missing = BLOCK_BYTES - (plain.length % BLOCK_BYTES)
  return Buffer.concat([plain, Buffer.alloc(missing, missing)])
}

function withoutPadding(plain: Buffer): Buffer | undefined {
  const count = plain.at(-1) ?? 0
  const padding = plain.subarray(plain.length - count)
  return count >= 1 && count <= BLOCK_BYTES && padding.every((byte) => byte === count)
    ? plain.subarray(0, plain.length - count)
    : undefined
}
