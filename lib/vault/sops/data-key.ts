import { openAge, type AgeKeys } from '../age.ts'
import type { SopsMetadata } from './metadata.ts'

const KEY_BYTES = 32

export type DataKey =
  | { readonly type: 'key'; readonly key: Buffer }
  /** None of the file's age recipients is one of the keys. */
  | { readonly type: 'not-ours' }
  | { readonly type: 'damaged' }

/** The key for all values of a file. It is encrypted by age for each recipient. */
export async function dataKeyOf({ age }: SopsMetadata, keys: AgeKeys): Promise<DataKey> {
  let isDamaged = false
  for (const { enc } of age) {
    const opened = await openAge(Buffer.from(enc.trim()), keys)
    if (opened.type === 'opened' && opened.bytes.length === KEY_BYTES) return { type: 'key', key: opened.bytes }
    if (opened.type !== 'no-key') isDamaged = true
  }
  return { type: isDamaged ? 'damaged' : 'not-ours' }
}
