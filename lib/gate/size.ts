/** A text that is only a little longer is not cut: so nothing is cut twice. */
const SLACK = 100

/** Without half a surrogate pair at the cut. */
function whole(text: string): string {
  return text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '')
}

/** A text of at most this many characters, which says how much is missing. */
export function capped(text: string, most: number): string {
  if (text.length <= most + SLACK) return text
  const kept = whole(text.slice(0, most))
  return `${kept}... ${Buffer.byteLength(text) - Buffer.byteLength(kept)} bytes more`
}

/** The same, but keeps the end: the last lines of a failed command say why it failed. */
export function cappedEnd(text: string, most: number): string {
  if (text.length <= most + SLACK) return text
  const kept = whole(text.slice(-most))
  return `${Buffer.byteLength(text) - Buffer.byteLength(kept)} bytes more ...${kept}`
}
