/** A text that is only a little longer is left whole: so nothing is cut twice. */
const SLACK = 100

/** Without the half of a letter that was cut. */
function whole(text: string): string {
  return text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '')
}

/** A text of at most so many letters, which says how much is missing. */
export function capped(text: string, most: number): string {
  if (text.length <= most + SLACK) return text
  const kept = whole(text.slice(0, most))
  return `${kept}... ${Buffer.byteLength(text) - Buffer.byteLength(kept)} bytes more`
}

/** The same, with the end kept: the last words of what failed say why. */
export function cappedEnd(text: string, most: number): string {
  if (text.length <= most + SLACK) return text
  const kept = whole(text.slice(-most))
  return `${Buffer.byteLength(text) - Buffer.byteLength(kept)} bytes more ...${kept}`
}
