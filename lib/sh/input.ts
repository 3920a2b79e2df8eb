/** A file of the controller that a script reads on its standard input: it is read while it is sent, and never whole in memory. */
export interface FileInput {
  readonly file: string
  /** Bytes, as it was when the step was planned. */
  readonly length: number
}

/** What a script reads on its standard input. */
export type Input = Uint8Array | FileInput

export function lengthOf(inputs: readonly Input[]): number {
  return inputs.reduce((sum, { length }) => sum + length, 0)
}

export function isBytes(input: Input): input is Uint8Array {
  return input instanceof Uint8Array
}
