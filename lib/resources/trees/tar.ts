/** A directory or a file as it goes into an archive. */
export interface TarEntry {
  /** Without a slash at its beginning or end. */
  readonly path: string
  readonly mode: number
  /** Undefined: a directory. */
  readonly bytes?: Uint8Array | undefined
  /** A symbolic link. */
  readonly target?: string | undefined
}

const BLOCK = 512

/** A tar archive. Longer names than 100 bytes go in the way of GNU, which every tar reads. Source: POSIX.1-2017, pax, ustar Interchange Format; GNU tar manual, Basic Tar Format. */
export function tar(entries: readonly TarEntry[], seconds = 0): Buffer {
  const parts = entries.flatMap(({ path, mode, bytes, target }) => {
    const type = target !== undefined ? '2' : bytes === undefined ? '5' : '0'
    const name = type === '5' ? `${path}/` : path
    return [
      ...long(name, 'L'),
      ...(target === undefined ? [] : long(target, 'K')),
      header({ name, mode, size: bytes?.length ?? 0, type, target: target ?? '', seconds }),
      ...(bytes === undefined ? [] : padded(bytes)),
    ]
  })
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)])
}

function long(name: string, type: 'L' | 'K'): Uint8Array[] {
  const bytes = Buffer.from(`${name}\0`)
  if (bytes.length <= 100) return []
  return [
    header({ name: '././@LongLink', mode: 0o644, size: bytes.length, type, target: '', seconds: 0 }),
    ...padded(bytes),
  ]
}

function padded(bytes: Uint8Array): Uint8Array[] {
  const rest = bytes.length % BLOCK
  return rest === 0 ? [bytes] : [bytes, Buffer.alloc(BLOCK - rest)]
}

interface Header {
  readonly name: string
  readonly mode: number
  readonly size: number
  readonly type: string
  readonly target: string
  readonly seconds: number
}

function header({ name, mode, size, type, target, seconds }: Header): Buffer {
  const block = Buffer.alloc(BLOCK)
  const octal = (value: number, at: number, length: number) =>
    block.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1')
  block.set(Buffer.from(name).subarray(0, 100), 0)
  octal(mode, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(seconds, 136, 12)
  block.write('        ', 148, 'latin1')
  block.write(type, 156, 'latin1')
  block.set(Buffer.from(target).subarray(0, 100), 157)
  block.write('ustar  \0', 257, 'latin1')
  const sum = block.reduce((all, byte) => all + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}
