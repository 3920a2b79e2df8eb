import type { SecretCommand } from '../../vault/command-secret.ts'
import type { Scalar, ScalarNode, Source } from '../graph/tree.ts'

/** A value that is opened only when it is read: an encrypted text is decrypted then, and the program of a secret runs then. */
export function sealedScalar(sealed: string | SecretCommand, source: Source, offset: number): ScalarNode {
  let opened: Scalar | undefined
  return {
    kind: 'scalar',
    source,
    offset,
    tag: 'vault',
    get value() {
      opened ??= source.openValue(sealed, source.place(offset))
      return opened
    },
  }
}
