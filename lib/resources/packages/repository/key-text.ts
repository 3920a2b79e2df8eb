import { textOf } from '../../kit/bytes.ts'

/** A key as the host is to get it, or what was given instead of one: completes `Expected key of ... to be ..., got`. */
export type KeyText = { readonly text: string } | { readonly instead: string }

const BEGIN = '-----BEGIN PGP PUBLIC KEY BLOCK-----'
const END = '-----END PGP PUBLIC KEY BLOCK-----'

/**
 * Reads the public keys of a repository, and gives them back as apt and rpm can both use them: one armoured block with LF alone at the ends of
 * lines. apt reads no further than the first block, takes no CR, and tells armour from bytes by the end of the name, so bytes are armoured.
 * One block is left as it is. Several become one, and the text around them goes.
 *
 * Source: RFC 4880, sections 4.2 (packets) and 6.2 (armour); apt-key(8) and sources.list(5) (`Signed-By`).
 */
export function keyText(given: string | Uint8Array): KeyText {
  const text = typeof given === 'string' ? given : textOf(given)
  if (text === undefined || (typeof given !== 'string' && !text.includes('-----BEGIN'))) {
    const bytes = Buffer.from(given)
    const instead = notPublic(bytes)
    return instead === undefined ? { text: armour(bytes) } : { instead }
  }
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .map((line) => line.trimEnd())
  if (lines.some((line) => /^-----BEGIN PGP (PRIVATE|SECRET) KEY BLOCK-----$/.test(line)))
    return { instead: 'a private key' }
  const starts = lines.flatMap((line, at) => (line === BEGIN ? [at] : []))
  if (starts.length === 0) return { instead: withoutBlock(lines) }
  const blocks = starts.map((start, at) => blockIn(lines.slice(start, starts[at + 1])))
  const broken = blocks.find((block) => 'instead' in block)
  if (broken !== undefined) return broken
  const whole = blocks.flatMap((block) => ('bytes' in block ? [block] : []))
  const bytes = Buffer.concat(whole.map((block) => block.bytes))
  const [only, ...others] = whole
  return { text: only !== undefined && others.length === 0 ? only.text : armour(bytes) }
}

type Block = { readonly bytes: Buffer; readonly text: string } | { readonly instead: string }

/** The block that these lines begin with: headers, an empty line, base64, its checksum. */
function blockIn(lines: readonly string[]): Block {
  const end = lines.indexOf(END)
  if (end < 0) return { instead: `a key without its last line, ${END}` }
  const own = lines.slice(0, end + 1)
  const gap = own.indexOf('')
  if (gap < 0) return { instead: 'a key without the empty line before its base64' }
  const body = own.slice(gap + 1, -1).filter((line) => line !== '')
  const base64 = body.filter((line) => !line.startsWith('=')).join('')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return { instead: 'a key with something else than base64 in it' }
  const bytes = Buffer.from(base64, 'base64')
  const sum = body.find((line) => line.startsWith('='))
  if (sum !== undefined && sum !== checksum(bytes))
    return { instead: 'a key whose checksum (CRC) is wrong: it is damaged' }
  const instead = notPublic(bytes)
  if (instead !== undefined) return { instead }
  const text = [...own.slice(0, gap), '', ...body, END].map((line) => `${line}\n`).join('')
  return { bytes, text }
}

function withoutBlock(lines: readonly string[]): string {
  const first = lines.find((line) => line !== '') ?? ''
  if (/PRIVATE KEY/.test(first)) return 'a private key'
  if (/^-----BEGIN [A-Z0-9 ]+-----$/.test(first)) return `a text that begins with ${first}`
  if (/^<(!doctype|html)/i.test(first)) return 'a page of the web'
  return 'a text that holds no key'
}

const [SECRET_KEY, PUBLIC_KEY, SECRET_SUBKEY] = [5, 6, 7]

/** What bytes are that hold something else than whole public keys. */
function notPublic(bytes: Buffer): string | undefined {
  if (bytes.toString('latin1', 8, 12) === 'KBXf') return 'a keybox of gpg; gpg --export makes a key of it'
  const tags: number[] = []
  for (let at = 0; at < bytes.length;) {
    const packet = packetAt(bytes, at)
    if (packet === undefined || packet.end > bytes.length)
      return at === 0 ? 'bytes that are no key' : 'a key that is cut off or damaged'
    tags.push(packet.tag)
    at = packet.end
  }
  if (tags.some((tag) => tag === SECRET_KEY || tag === SECRET_SUBKEY)) return 'a private key'
  return tags[0] === PUBLIC_KEY ? undefined : 'bytes that are no key'
}

/** Lengths of unknown or partial extent are for messages alone. */
function packetAt(bytes: Buffer, at: number): { readonly tag: number; readonly end: number } | undefined {
  const head = bytes[at] ?? 0
  if ((head & 0x80) === 0) return undefined
  const number = (from: number, size: number) =>
    from + size <= bytes.length ? bytes.readUIntBE(from, size) : Number.POSITIVE_INFINITY
  if ((head & 0x40) === 0) {
    const size = [1, 2, 4][head & 3]
    return size === undefined ? undefined : { tag: (head >> 2) & 15, end: at + 1 + size + number(at + 1, size) }
  }
  const first = bytes[at + 1] ?? 255
  const tag = head & 63
  if (first < 192) return { tag, end: at + 2 + first }
  if (first < 224) return { tag, end: at + 3 + ((first - 192) << 8) + (bytes[at + 2] ?? 0) + 192 }
  return first === 255 ? { tag, end: at + 6 + number(at + 2, 4) } : undefined
}

/** Bytes in armour, with the checksum that rpm wants to see. */
function armour(bytes: Buffer): string {
  const base64 = bytes.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n')
  return `${BEGIN}\n\n${base64}\n${checksum(bytes)}\n${END}\n`
}

/** CRC-24, as a line of the armour. */
function checksum(bytes: Buffer): string {
  let crc = 0xb704ce
  for (const byte of bytes) {
    crc ^= byte << 16
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x800000) === 0 ? crc << 1 : ((crc << 1) ^ 0x1864cfb) & 0xffffff
  }
  return `=${Buffer.from([crc >> 16, (crc >> 8) & 255, crc & 255]).toString('base64')}`
}
