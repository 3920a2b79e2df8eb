import { createDecipheriv } from 'node:crypto'

/** A value as it stands in a file of SOPS. */
export interface SopsValue {
  readonly data: Buffer
  readonly iv: Buffer
  readonly tag: Buffer
  readonly type: SopsType
}

const TYPES = ['str', 'int', 'float', 'bool', 'bytes', 'time', 'comment'] as const
export type SopsType = (typeof TYPES)[number]

const SHAPE = /^ENC\[AES256_GCM,data:([^,]*),iv:([^,]+),tag:([^,]+),type:(\w+)\]/

/** Whether a text is a value that SOPS has encrypted, by its first letters. */
export function isSopsValue(text: string): boolean {
  return text.startsWith('ENC[AES256_GCM,')
}

/** Undefined for a text that is none, or a damaged one. */
export function parseSopsValue(text: string): SopsValue | undefined {
  const [, data, iv, tag, type] = SHAPE.exec(text) ?? []
  const known = TYPES.find((each) => each === type)
  if (data === undefined || iv === undefined || tag === undefined || known === undefined) return undefined
  const [dataBytes, ivBytes, tagBytes] = [data, iv, tag].map((each) => Buffer.from(each, 'base64'))
  if (dataBytes === undefined || ivBytes === undefined || ivBytes.length === 0 || tagBytes?.length !== 16)
    return undefined
  return { data: dataBytes, iv: ivBytes, tag: tagBytes, type: known }
}

/**
 * What was encrypted, as text of its type: `42`, `1.5`, `True`. Undefined when the key is another one, a letter of it was changed, or it was
 * encrypted under another name.
 *
 * `under`: the names of the keys above it, which it is bound to.
 */
export function decryptSopsValue(value: SopsValue, key: Buffer, under: readonly string[]): Buffer | undefined {
  return decryptBound(value, key, under.map((name) => `${name}:`).join(''))
}

/** The same, bound to any text. */
export function decryptBound({ data, iv, tag }: SopsValue, key: Buffer, boundTo: string): Buffer | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: 16 })
    decipher.setAAD(Buffer.from(boundTo))
    decipher.setAuthTag(tag)
    return Buffer.concat([decipher.update(data), decipher.final()])
  } catch {
    return undefined
  }
}
