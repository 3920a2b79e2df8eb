/** A text that is only a little too long is not cut, so that no text is cut twice. */
const SLACK = 100

/** Removes half a surrogate pair at the cut. */
function whole(text: string): string {
  return text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '')
}

/** A text of at most this many characters, which names the number of missing ones. */
export function capped(text: string, most: number): string {
  if (text.length <= most + SLACK) return text
  const kept = whole(text.slice(0, most))
  return `${kept}... ${Buffer.byteLength(text) - Buffer.byteLength(kept)} bytes more`
}

/** The same, but keeps the end: the reason of a failed command is in its last lines. */
export function cappedEnd(text: string, most: number): string {
  if (text.length <= most + SLACK) return text
  const kept = whole(text.slice(-most))
  return `${Buffer.byteLength(text) - Buffer.byteLength(kept)} bytes more ...${kept}`
}
