import { createHash } from 'node:crypto'

export function sha256(bytes: Uint8Array): string {
  return digestOf('sha256sum', bytes)
}

const algorithms = { sha256sum: 'sha256', b2sum: 'blake2b512' } as const

const digests = { sha256sum: new WeakMap<Uint8Array, string>(), b2sum: new WeakMap<Uint8Array, string>() }

/** What a program for checksums says of these bytes. Large contents are asked about more than once, and hashed once. */
export function digestOf(program: keyof typeof algorithms, bytes: Uint8Array): string {
  const known = digests[program].get(bytes) ?? createHash(algorithms[program]).update(bytes).digest('hex')
  digests[program].set(bytes, known)
  return known
}
