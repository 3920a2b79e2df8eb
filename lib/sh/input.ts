/** A local file that a script reads on its standard input: it is read while it is sent, and never held in memory whole. */
export interface FileInput {
  readonly file: string
  /** The size in bytes when the step was planned. */
  readonly length: number
}

/** The standard input of a script. */
export type Input = Uint8Array | FileInput

export function lengthOf(inputs: readonly Input[]): number {
  return inputs.reduce((sum, { length }) => sum + length, 0)
}

export function isBytes(input: Input): input is Uint8Array {
  return input instanceof Uint8Array
}
