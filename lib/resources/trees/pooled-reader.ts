import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'

/** What a small file holds, and its mode. */
export interface ReadFile {
  readonly mode: number
  readonly content: Uint8Array
}

const POOL = 1024 * 1024

/**
 * Reads many small files into few buffers: one that is opened once, looked at once and shares its memory with others takes half the time, and leaves the garbage
 * collector little to do.
 */
export class PooledReader {
  #pool = Buffer.alloc(0)
  #used = 0

  /** Undefined: it has more than `most` bytes. */
  read(path: string, most: number): ReadFile | undefined {
    const fd = openSync(path, 'r')
    try {
      const { size, mode } = fstatSync(fd)
      if (size > most) return undefined
      // A file of the kernel says that it has no size, and has a content.
      return { mode, content: size === 0 ? readFileSync(fd) : this.#take(fd, size) }
    } finally {
      closeSync(fd)
    }
  }

  #take(fd: number, size: number): Uint8Array {
    if (size > this.#pool.length - this.#used) {
      this.#pool = Buffer.allocUnsafeSlow(Math.max(size, POOL))
      this.#used = 0
    }
    const from = this.#used
    const end = from + size
    while (this.#used < end) {
      const read = readSync(fd, this.#pool, this.#used, end - this.#used, null)
      if (read === 0) break
      this.#used += read
    }
    return this.#pool.subarray(from, this.#used)
  }
}
