/** A queue between several writers and one reader: what is pushed is yielded, in order. */
export class EventQueue<T> implements AsyncIterable<T> {
  #waiting: T[] = []
  #ended = false
  #wake: () => void = () => undefined

  push(value: T): void {
    this.#waiting.push(value)
    this.#wake()
  }

  end(): void {
    this.#ended = true
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const batch = this.#waiting
      this.#waiting = []
      yield* batch
      if (this.#waiting.length > 0) continue
      if (this.#ended) return
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}
