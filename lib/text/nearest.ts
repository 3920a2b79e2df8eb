const MOST_SUGGESTIONS = 3

/**
 * The known words that a misspelt one may mean: those with the fewest slips, at most three.
 * A slip is a letter added, left out or changed, or two swapped; case is no slip. One slip for every three letters is near enough.
 *
 * @example
 * nearest('host', ['hosts', 'children', 'vars'])   // ['hosts']
 */
export function nearest(word: string, candidates: Iterable<string>): string[] {
  const limit = Math.max(1, Math.floor(word.length / 3))
  const wanted = word.toLowerCase()
  const near = [...new Set(candidates)]
    .filter((candidate) => candidate !== word && Math.abs(candidate.length - word.length) <= limit)
    .map((candidate) => ({ candidate, distance: slips(wanted, candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= limit && distance < Math.min(word.length, candidate.length))
  const least = near.reduce((best, { distance }) => Math.min(best, distance), Infinity)
  return near
    .filter(({ distance }) => distance === least)
    .map(({ candidate }) => candidate)
    .sort()
    .slice(0, MOST_SUGGESTIONS)
}

/** `did you mean "hosts"?`, or nothing when no known word is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const near = nearest(word, candidates)
  return near.length === 0 ? undefined : didYouMeanOneOf(near)
}

/** `did you mean "hosts" or "host"?` */
export function didYouMeanOneOf(words: readonly string[]): string {
  return `did you mean ${words.map((word) => `"${word}"`).join(' or ')}?`
}

/** Optimal string alignment: Levenshtein's distance in which two swapped neighbours count as one slip. */
function slips(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const other = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + other)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) best = Math.min(best, at(beforeLast, j - 2) + 1)
      row.push(best)
    }
    beforeLast = last
    last = row
  }
  return at(last, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity
}
