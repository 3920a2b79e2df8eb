import type { Problem } from '../../errors.ts'

/** Up to this number, equal problems are listed one by one. */
const MOST_ALIKE = 3

/**
 * Folds equal problems into one, with their number and the first places. The same mistake in a thousand lines is one thing to fix.
 * Problems are equal when their messages are, apart from text in quotes.
 *
 * @example
 * foldProblems(problems)   // [{ message: 'ansible_port has a wrong value (3385 times)', place: ..., hint: '... also at hosts.yml:7:3, ...' }]
 */
export function foldProblems(problems: readonly Problem[]): Problem[] {
  const alike = new Map<string, Problem[]>()
  for (const problem of problems) {
    const known = alike.get(keyOf(problem))
    if (known === undefined) alike.set(keyOf(problem), [problem])
    else known.push(problem)
  }
  return problems.flatMap((problem) => {
    const group = alike.get(keyOf(problem)) ?? []
    if (group.length <= MOST_ALIKE && !isOneMistake(group)) return [problem]
    return group[0] === problem ? [folded(group)] : []
  })
}

function keyOf({ code, message }: Problem): string {
  return `${code} ${message.replaceAll(/"[^"]*"/g, '""')}`
}

/** Folds the problems of several hosts with one line, such as a value of `-e`, into one. */
function isOneMistake(problems: readonly Problem[]): boolean {
  const [first] = problems
  return (
    problems.length > 1 &&
    first?.place !== undefined &&
    problems.every((each) => placeText(each) === placeText(first) && each.message === first.message)
  )
}

function folded(problems: readonly Problem[]): Problem {
  const [first, ...others] = problems
  if (first === undefined) throw new Error('a group has a problem')
  if (isOneMistake(problems)) {
    const hosts = [...new Set(others.flatMap(({ host }) => host ?? []))].filter((host) => host !== first.host)
    if (hosts.length === 0) return first
    const named = hosts.slice(0, MOST_ALIKE - 1)
    const rest = hosts.length - named.length
    const also = `the same on ${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
    return { ...first, hint: first.hint === undefined ? also : `${first.hint}; ${also}` }
  }
  const places = others.slice(0, MOST_ALIKE - 1).map(placeText)
  const more = others.length - places.length
  const also = `the same at ${places.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  return {
    ...first,
    message: `${first.message} (and ${others.length} more like this)`,
    hint: first.hint === undefined ? also : `${first.hint}; ${also}`,
  }
}

function placeText({ place, host }: Problem): string {
  if (place === undefined) return host ?? 'another'
  return [place.file, place.line, place.column].filter((part) => part !== undefined).join(':')
}
