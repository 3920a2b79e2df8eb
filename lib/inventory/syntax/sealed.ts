import type { Scalar, ScalarNode, Source } from '../graph/tree.ts'

/** A `!vault` value is decrypted only when it is read. */
export function sealedScalar(text: string, source: Source, offset: number): ScalarNode {
  let opened: Scalar | undefined
  return {
    kind: 'scalar',
    source,
    offset,
    tag: 'vault',
    get value() {
      opened ??= source.openValue(text, source.place(offset))
      return opened
    },
  }
}
