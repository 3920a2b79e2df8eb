/** The largest content that is fetched from a host or shown as text. */
export const LARGEST_TEXT = 1024 * 1024

/** Bytes as text; undefined when they are none: a NUL byte, no valid UTF-8, or more than `most` bytes. */
export function textOf(bytes: Uint8Array, most = LARGEST_TEXT): string | undefined {
  if (bytes.length > most || bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
