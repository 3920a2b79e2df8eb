const FIRST_CAPACITY = 1024

/** Bytes that arrive in pieces of any size, in one block: a piece of one byte takes one byte, and appending takes linear time in total. */
export class GrowingBuffer {
  #block = Buffer.alloc(0)
  #length = 0

  get length(): number {
    return this.#length
  }

  push(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length
    if (needed > this.#block.length) {
      const larger = Buffer.allocUnsafe(Math.max(FIRST_CAPACITY, needed, this.#block.length * 2))
      this.#block.copy(larger, 0, 0, this.#length)
      this.#block = larger
    }
    this.#block.set(bytes, this.#length)
    this.#length = needed
  }

  /** Keeps only the last bytes, once there are twice as many. */
  keepLast(most: number): void {
    if (this.#length <= 2 * most) return
    this.#block.copyWithin(0, this.#length - most, this.#length)
    this.#length = most
  }

  /** The last bytes, at most this many. */
  last(most = Infinity): Buffer {
    return Buffer.from(this.#block.subarray(Math.max(0, this.#length - most), this.#length))
  }
}
