import { isBytes, type Input } from '../../sh/input.ts'

/** The standard input of several sections as one. A single input is not copied, because it may be large and shared by many hosts. */
export function joined(inputs: readonly Input[]): Uint8Array | readonly Input[] {
  const [first = new Uint8Array(), ...others] = inputs
  if (!inputs.every(isBytes) || !isBytes(first)) return inputs
  return others.length === 0 ? first : Buffer.concat(inputs)
}
