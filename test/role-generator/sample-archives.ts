import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

/** An archive that hosts may have, and that the server of the generator gives. */
export interface Sample {
  readonly name: string
  readonly bytes: Buffer
  readonly sha256: string
  /** How many levels at its top are one directory alone. */
  readonly levels: number
  /** It is what its name says. */
  readonly isWhole: boolean
}

const FLAT = tar([
  ['one', 'one\n'],
  ['two', 'two\n'],
])
const TOP = tar([
  ['top/', ''],
  ['top/file', 'one\n'],
  ['top/sub/', ''],
  ['top/sub/h.json', '{"one": 1}\n'],
])
const DEEP = tar([['./top/inner/file', 'deep\n']])
/** `top/file`, stored, as zip(1) writes it. */
const ZIP = Buffer.from(zip('top/file', 'zipped\n'))

export const SAMPLES: readonly Sample[] = [
  sample('flat.tar', FLAT, 0),
  sample('top.tar.gz', gzipSync(TOP), 1),
  sample('deep.tgz', gzipSync(DEEP), 2),
  sample('top.zip', ZIP, 1),
  sample('broken.tar.gz', gzipSync(TOP).subarray(0, 60), 0, false),
  sample('words.tar', Buffer.from('no archive at all\n'), 0, false),
]

/** Checksums of all of them, as sha256sum prints them. */
export const SUMS = SAMPLES.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join('')

function sample(name: string, bytes: Buffer, levels: number, isWhole = true): Sample {
  return { name, bytes, sha256: createHash('sha256').update(bytes).digest('hex'), levels, isWhole }
}

/** Source: ustar of POSIX.1-2017, pax(1). */
function tar(members: readonly (readonly [name: string, content: string])[]): Buffer {
  const blocks = members.flatMap(([name, content]) => {
    const isDir = name.endsWith('/')
    const header = Buffer.alloc(512)
    const put = (text: string, at: number) => header.write(text, at, 'latin1')
    const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`
    put(name, 0)
    put(octal(isDir ? 0o755 : 0o644, 7), 100)
    put(octal(0, 7), 108)
    put(octal(0, 7), 116)
    put(octal(content.length, 11), 124)
    put(octal(1_700_000_000, 11), 136)
    put(isDir ? '5' : '0', 156)
    put('ustar\x0000', 257)
    put('        ', 148)
    put(
      `${octal(
        header.reduce((sum, byte) => sum + byte, 0),
        6,
      )} `,
      148,
    )
    const body = Buffer.alloc(Math.ceil(content.length / 512) * 512)
    body.write(content)
    return [header, body]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

/** One stored member. Source: APPNOTE.TXT of PKWARE, 4.3. */
function zip(name: string, content: string): Uint8Array {
  const crc = crc32(Buffer.from(content))
  const common = Buffer.alloc(26)
  common.writeUInt16LE(20, 0)
  common.writeUInt16LE(0x21, 8)
  common.writeUInt32LE(crc, 10)
  common.writeUInt32LE(content.length, 14)
  common.writeUInt32LE(content.length, 18)
  common.writeUInt16LE(name.length, 22)
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name + content)])
  const more = Buffer.alloc(14)
  more.writeUInt32LE((0o100644 << 16) >>> 0, 6)
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x03'), common, more, Buffer.from(name)])
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(local.length, 16)
  return Buffer.concat([local, central, end])
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}
