/**
 * Decodes a public key from known_hosts and `.pub` files: its type, and base64. Undefined for keys that OpenSSH does not accept.
 *
 * Source: sshkey.c of OpenSSH; RFC 4253, 6.6; RFC 5656, 3.1; RFC 8709, 4; PROTOCOL.u2f.
 */
export function readPublicKey(type: string, base64: string): Buffer | undefined {
  const text = base64.replaceAll(/\s/g, '')
  if (text === '' || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  const blob = Buffer.from(text, 'base64')
  const fields = fieldsOf(blob)
  const shape = Object.hasOwn(SHAPES, type) ? SHAPES[type] : undefined
  if (fields === undefined || shape === undefined || fields[0]?.toString('latin1') !== type) return undefined
  const rest = fields.slice(1)
  return rest.length === shape.length && shape.every((fits, at) => fits(rest[at] ?? Buffer.alloc(0))) ? blob : undefined
}

type Fits = (field: Buffer) => boolean

const sized =
  (bytes: number): Fits =>
  (field) =>
    field.length === bytes
const named =
  (name: string): Fits =>
  (field) =>
    field.toString('latin1') === name
const some: Fits = (field) => field.length > 0
/** A positive number without unnecessary leading zeros. */
const number: Fits = (field) =>
  field.length > 0 && ((field[0] ?? 0) & 0x80) === 0 && (field[0] !== 0 || ((field[1] ?? 0) & 0x80) !== 0)
/** A number of 1024 to 16384 bits. */
const modulus: Fits = (field) => number(field) && field.length >= 128 && field.length <= 2049
const point =
  (bytes: number): Fits =>
  (field) =>
    field[0] === 4 && field.length === 1 + 2 * bytes

const SHAPES: Readonly<Record<string, readonly Fits[]>> = {
  'ssh-ed25519': [sized(32)],
  'ssh-rsa': [number, modulus],
  'ssh-dss': [number, number, number, number],
  'ecdsa-sha2-nistp256': [named('nistp256'), point(32)],
  'ecdsa-sha2-nistp384': [named('nistp384'), point(48)],
  'ecdsa-sha2-nistp521': [named('nistp521'), point(66)],
  'sk-ssh-ed25519@openssh.com': [sized(32), some],
  'sk-ecdsa-sha2-nistp256@openssh.com': [named('nistp256'), point(32), some],
}

/** The strings in a blob; undefined when one is cut short. */
export function fieldsOf(blob: Buffer): readonly Buffer[] | undefined {
  const fields: Buffer[] = []
  for (let at = 0; at < blob.length;) {
    if (at + 4 > blob.length) return undefined
    const end = at + 4 + blob.readUInt32BE(at)
    if (end > blob.length) return undefined
    fields.push(blob.subarray(at + 4, end))
    at = end
  }
  return fields
}
