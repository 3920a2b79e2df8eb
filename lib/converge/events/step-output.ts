import { StringDecoder } from 'node:string_decoder'
import { RedactedStream } from '../../gate/redact.ts'
import { Waits } from '../../sh/waiting.ts'

type Stream = 'stdout' | 'stderr'

/**
 * Decodes the output of a step: joins characters and secrets that arrive in two pieces, and separates messages about waiting from output.
 */
export class StepOutput {
  readonly #decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') }
  readonly #waits = new Waits()
  readonly #redacted = { stdout: new RedactedStream(), stderr: new RedactedStream() }

  take(stream: Stream, bytes: Uint8Array): { readonly said: readonly string[]; readonly text: string } {
    const { said, output } = stream === 'stderr' ? this.#waits.take(bytes) : { said: [], output: bytes }
    return { said, text: this.#redacted[stream].take(this.#decoders[stream].write(Buffer.from(output))) }
  }

  /** Output that was held back because it might have been the beginning of a secret. */
  rest(stream: Stream): string {
    return this.#redacted[stream].end()
  }
}
