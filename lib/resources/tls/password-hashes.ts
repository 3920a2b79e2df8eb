import { createHash } from 'node:crypto'
import { shaCrypt } from '../../template/values/sha-crypt.ts'

/** A checksum of a password, in a form that nginx or Apache read. */
export const CHECKSUM = /^(\$(apr1|1|2[abxy]?|5|6|7|y)\$\S{8,}|\{(SHA|SSHA|PLAIN)\}\S+)$/

/** More of them, which a host could ask for, would only cost time. */
const MOST_ROUNDS = 20_000

/** Whether this is the checksum of the password; undefined where that cannot be told here, as with bcrypt. */
export function isChecksumOf(password: string, checksum: string): boolean | undefined {
  const sha1 = (...parts: readonly (string | Uint8Array)[]) => {
    const hash = createHash('sha1')
    for (const part of parts) hash.update(part)
    return hash.digest()
  }
  const [, apr] = /^\$apr1\$([^$]{1,8})\$/.exec(checksum) ?? []
  if (apr !== undefined) return apr1(password, apr) === checksum
  if (checksum.startsWith('{SHA}')) return checksum === `{SHA}${sha1(password).toString('base64')}`
  if (checksum.startsWith('{SSHA}')) {
    const bytes = Buffer.from(checksum.slice('{SSHA}'.length), 'base64')
    return bytes.subarray(0, 20).equals(sha1(password, bytes.subarray(20)))
  }
  if (checksum.startsWith('{PLAIN}')) return checksum === `{PLAIN}${password}`
  const [, number, named = '5000', salt] = /^\$([56])\$(?:rounds=(\d{4,9})\$)?([\w./]{1,16})\$/.exec(checksum) ?? []
  if (salt !== undefined && Number(named) <= MOST_ROUNDS)
    return shaCrypt(number === '5' ? 'sha256' : 'sha512', password, salt, Number(named)) === checksum
  return CHECKSUM.test(checksum) ? undefined : false
}

const DIGITS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Source: APR, crypto/apr_md5.c. */
export function apr1(password: string, salt: string): string {
  const key = Buffer.from(password)
  const md5 = (...parts: readonly (Uint8Array | string)[]) => {
    const hash = createHash('md5')
    for (const part of parts) hash.update(part)
    return hash.digest()
  }
  const other = md5(key, salt, key)
  const first: Uint8Array[] = [key, Buffer.from(`$apr1$${salt}`)]
  for (let left = key.length; left > 0; left -= 16) first.push(other.subarray(0, Math.min(16, left)))
  for (let bits = key.length; bits > 0; bits >>= 1) first.push((bits & 1) === 1 ? Buffer.of(0) : key.subarray(0, 1))
  let digest = md5(...first)
  for (let round = 0; round < 1000; round++)
    digest = md5(
      round % 2 === 1 ? key : digest,
      round % 3 === 0 ? '' : salt,
      round % 7 === 0 ? '' : key,
      round % 2 === 1 ? digest : key,
    )
  const byte = (at: number) => digest[at] ?? 0
  const group = (a: number, b: number, c: number, length: number) => {
    let value = (a << 16) | (b << 8) | c
    let text = ''
    for (let at = 0; at < length; at++, value >>= 6) text += DIGITS[value & 63] ?? ''
    return text
  }
  const triples = [0, 1, 2, 3, 4].map((at) => group(byte(at), byte(at + 6), byte(at === 4 ? 5 : at + 12), 4))
  return `$apr1$${salt}$${triples.join('')}${group(0, 0, byte(11), 2)}`
}
