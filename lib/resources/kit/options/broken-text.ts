import type { Problem } from '../../../errors.ts'
import { Secret } from '../../../secret.ts'
import { isPlain } from './describe-value.ts'
import { unexpected } from './option-problems.ts'

/** Half of a character: it has no encoding in bytes, so a host would get something else in its place. */
const HALF = /\p{Cs}/u
const HINT = 'a text was cut inside a character, or read from an escape such as \\ud83d alone: cut it by [...text]'

/** The problem of a text that cannot be written as UTF-8. */
export function brokenText(what: string, given: string, isHidden = false): Problem | undefined {
  if (given.isWellFormed()) return undefined
  const half = HALF.exec(given)?.[0]
  const code = isHidden || half === undefined ? '' : ` (\\u${half.charCodeAt(0).toString(16)})`
  return unexpected(what, 'a text of whole characters', given, {
    got: () => `one with half of a character${code}`,
    hint: () => HINT,
  })
}

/** The problems of all such texts in options: their own, those in lists and objects, and keys. */
export function brokenTexts(of: string, given: Readonly<Record<string, unknown>>): Problem[] {
  return Object.entries(given).flatMap(([name, value]) => within(`${name} of ${of}`, value, [given]))
}

function within(what: string, value: unknown, above: readonly unknown[]): Problem[] {
  if (typeof value === 'string') return asList(brokenText(what, value))
  if (value instanceof Secret) return asList(brokenText(what, value.reveal(), true))
  if (above.includes(value)) return []
  if (Array.isArray(value)) return value.flatMap((each) => within(what, each, [...above, value]))
  if (!isPlain(value)) return []
  return Object.entries(value).flatMap(([key, each]) => [
    ...asList(brokenText(what, key)),
    ...within(what, each, [...above, value]),
  ])
}

function asList(problem: Problem | undefined): Problem[] {
  return problem === undefined ? [] : [problem]
}
