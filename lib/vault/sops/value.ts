import { createDecipheriv } from 'node:crypto'

/** An encrypted value in a SOPS file. */
export interface SopsValue {
  readonly data: Buffer
  readonly iv: Buffer
  readonly tag: Buffer
  readonly type: SopsType
}

const TYPES = ['str', 'int', 'float', 'bool', 'bytes', 'time', 'comment'] as const
export type SopsType = (typeof TYPES)[number]

const SHAPE = /^ENC\[AES256_GCM,data:([^,]*),iv:([^,]+),tag:([^,]+),type:(\w+)\]/

/** Whether a text begins like a value encrypted by SOPS. */
export function isSopsValue(text: string): boolean {
  return text.startsWith('ENC[AES256_GCM,')
}

/** Parses a value; undefined for other or damaged texts. */
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
 * Decrypts a value, as text of its type: `42`, `1.5`, `True`. Undefined for a wrong key, a changed value, or a value that was
 * encrypted under another name.
 *
 * `under`: the names of the keys above the value, which are authenticated with it.
 */
export function decryptSopsValue(value: SopsValue, key: Buffer, under: readonly string[]): Buffer | undefined {
  return decryptBound(value, key, under.map((name) => `${name}:`).join(''))
}

/** The same, authenticated with any text. */
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
