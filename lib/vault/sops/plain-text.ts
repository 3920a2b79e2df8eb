import type { SopsDocument, SopsSecret } from './document.ts'

/**
 * The decrypted text of a SOPS file, without its metadata. Each value stays on its line.
 * `written` formats a value; the result has no line breaks.
 */
export function plainText(
  document: SopsDocument,
  secrets: readonly SopsSecret[],
  written: (secret: SopsSecret) => string,
): string {
  const { text, own } = document
  // An alias repeats the place of its anchor.
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

/** A value in a form that both JSON and YAML read. */
export function literal({ type, text }: SopsSecret): string {
  if (type === 'bool') return /^(?:1|t|true)$/i.test(text) ? 'true' : 'false'
  if ((type === 'int' || type === 'float') && /^-?\d+(?:\.\d+)?$/.test(text)) return text
  return JSON.stringify(text)
}
