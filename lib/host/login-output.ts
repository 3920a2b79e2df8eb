/** What a login may print before the shell is there, in bytes of each stream: messages of the day, a profile's own words. */
const MOST_EARLY = 1024 * 1024

/**
 * What a piece of a stream counts for beside its bytes. Each costs the controller some 10 us, so a host that sends single bytes without end
 * would otherwise keep it busy long before it has sent much.
 */
export const PIECE_COST = 256

/** The output of one stream before the shell has started. Throws an Error when the output does not end. */
export class LoginOutput {
  #text = ''
  #cost = 0

  /** All of it so far, as Latin-1: bytes and characters are the same in number. */
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

  /** Where a word stands that has just arrived, or -1. It looks only where the last chunk may have completed it. */
  find(word: string, chunk: Buffer): number {
    return this.#text.indexOf(word, Math.max(0, this.#text.length - chunk.length - word.length))
  }
}
