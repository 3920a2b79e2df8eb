import type { SopsDocument, SopsSecret } from './document.ts'

/**
 * The text of a file of SOPS with values in place of encrypted ones, each on the line where it stood, and without what SOPS wrote for itself.
 * `written` says how a value is written; it has no line breaks.
 */
export function plainText(
  document: SopsDocument,
  secrets: readonly SopsSecret[],
  written: (secret: SopsSecret) => string,
): string {
  const { text, own } = document
  // An alias leads to the same place twice.
  const values = new Map(secrets.map((secret) => [secret.leaf.at[0], { at: secret.leaf.at, by: written(secret) }]))
  const pieces = [...values.values(), ...own]
  let result = ''
  let from = 0
  for (const { at, by } of pieces.toSorted((a, b) => a.at[0] - b.at[0])) {
    result += text.slice(from, at[0]) + by
    from = at[1]
  }
  return result + text.slice(from)
}

/** A value as JSON and YAML both read it. */
export function literal({ type, text }: SopsSecret): string {
  if (type === 'bool') return /^(?:1|t|true)$/i.test(text) ? 'true' : 'false'
  if ((type === 'int' || type === 'float') && /^-?\d+(?:\.\d+)?$/.test(text)) return text
  return JSON.stringify(text)
}
