/** The limit in bytes, for each stream, of what a login may print before the shell is there: messages of the day, output of a profile. */
const MOST_EARLY = 1024 * 1024

/**
 * The cost of each piece of a stream, besides its bytes. Each takes the controller about 10 us, so a host that sends single bytes without end would
 * otherwise keep the controller busy long before it has sent much.
 */
export const PIECE_COST = 256

/** The output of one stream before the shell has started. Throws an Error when it is too long. */
export class LoginOutput {
  #text = ''
  #cost = 0

  /** All output so far, as Latin-1, where bytes and characters are the same in number. */
  get text(): string {
    return this.#text
  }

  add(chunk: Buffer): void {
    this.#cost += chunk.length + PIECE_COST
    if (this.#cost > MOST_EARLY) throw new Error(`the login printed more than ${MOST_EARLY} bytes and came to no shell`)
    this.#text += chunk.toString('latin1')
  }

  forget(): void {
    this.#text = ''
  }

  /** The position of a word that has just arrived, or -1. Only the part that the last chunk may have completed is searched. */
  find(word: string, chunk: Buffer): number {
    return this.#text.indexOf(word, Math.max(0, this.#text.length - chunk.length - word.length))
  }
}
