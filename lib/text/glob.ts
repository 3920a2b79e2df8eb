/**
 * Whether a text matches a pattern with `*` and `?`, in either case unless `isExact`. Takes at most the product of both lengths.
 *
 * Source: ssh_config(5), PATTERNS.
 */
export function matchesGlob(pattern: string, text: string, isExact = false): boolean {
  const wanted = isExact ? pattern : pattern.toLowerCase()
  const given = isExact ? text : text.toLowerCase()
  let at = 0
  let from = 0
  /** The position after the last `*`, and how much of the text it has matched so far. */
  let star: { readonly next: number; readonly taken: number } | undefined
  while (from < given.length) {
    const letter = wanted[at]
    if (letter === '*') star = { next: ++at, taken: from }
    else if (letter !== undefined && (letter === '?' || letter === given[from])) {
      at++
      from++
    } else if (star !== undefined) {
      star = { next: star.next, taken: star.taken + 1 }
      at = star.next
      from = star.taken
    } else return false
  }
  return /^\**$/.test(wanted.slice(at))
}
