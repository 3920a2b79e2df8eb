import { z } from 'zod'
import type { Problem } from '../../../errors.ts'
import { didYouMean } from '../../../text/nearest.ts'
import { choice, wordsFor } from '../../../text/schema-words.ts'
import { isSensitive } from '../../../text/sensitive.ts'
import { isPromise, describeValue } from './describe-value.ts'
import { Secret } from '../../../secret.ts'
import { meantBy, wordOfAnsible } from './names/renamed.ts'

/** A problem of several options together: completes `Expected WHAT to be EXPECTED, got GOT`. */
export interface OptionProblem {
  /** Such as `place`; absent: the resource as a whole. */
  readonly what?: string
  readonly expected: string
  readonly got: string
  readonly hint?: string
}

/** What an option may add to the message about a wrong value. Values of some options are never shown. */
export interface Advice {
  /** The option takes secrets, in another form. */
  readonly takesSecrets?: true
  readonly got?: (value: unknown) => string | undefined
  readonly hint?: (value: unknown) => string | undefined
}

/** zod compiles a function for each object in 1 ms, which pays off only if one schema reads thousands of values. */
export const ONCE = { jitless: true } as const

export interface Strict {
  readonly schema: z.ZodObject
  /** The owner of the options: `file:/etc/motd`, `play "dns"`. */
  readonly of: string
  /** The kind whose options they are. Absent: they belong to something else. */
  readonly kind?: string
  /** The word for them in messages. Default: option. */
  readonly noun?: 'option' | 'variable'
  /** The schema is a user's own, whose messages are whole sentences and do not complete `Expected ... to be`. */
  readonly isForeign?: boolean
}

type RuleOf = (
  options: Readonly<Record<string, unknown>>,
  given: ReadonlySet<string>,
) => readonly (OptionProblem | undefined)[]

/** All problems of options, each once. */
export function problemsOf(strict: Strict, given: object, rule?: RuleOf): Problem[] {
  const { schema, of, kind } = strict
  const parsed = schema.safeParse(given, { error: wordsFor, ...ONCE })
  const issues = parsed.success ? [] : parsed.error.issues.flatMap((issue) => innermost(issue, []))
  const known = Object.keys(schema.shape)
  const unknown = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [],
  )
  // A misspelt name counts as the option that was meant, so that option is not reported as missing too.
  const meant = new Set(unknown.flatMap((key) => meantBy(key, known, { kind }).options))
  const misspelt = new Set(
    issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.flatMap((key) =>
            meantBy(key, keysAt(schema, issue.path), { kind, isInside: issue.path.length > 0 }).options.map((near) =>
              dotted([...issue.path, near]),
            ),
          )
        : [],
    ),
  )
  const own = issues
    .filter((issue) => !(isMissing(issue, given) && misspelt.has(dotted(issue.path))))
    .flatMap((issue) => problemsOfIssue(issue, strict, given))
  if (rule === undefined) return own
  const wrong = new Set([...issues.map(({ path }) => path[0]), ...unknown])
  const rest = schema.partial().safeParse(without(given, wrong), ONCE)
  const together = rule(rest.success ? rest.data : {}, new Set([...Object.keys(given), ...meant]))
  // A wrong option was left out above, so it is not reported as missing too.
  const isTold = ({ what = '' }: OptionProblem) => wrong.has(what.replace(/[.[].*$/, ''))
  return [...own, ...together.flatMap((each) => (each === undefined || isTold(each) ? [] : [problemOf(each, of)]))]
}

/** The problem of a wrong or missing value. */
export function unexpected(what: string, expected: string, value: unknown, { got, hint }: Advice = {}): Problem {
  const isGiven = value !== undefined
  const given = got?.(value) ?? describeValue(value)
  const next = hint?.(value) ?? (isPromise(value) ? 'put await before it' : undefined)
  return {
    code: 'playbook',
    message: isGiven ? `Expected ${what} to be ${expected}, got ${given}` : `${what} is missing`,
    expected,
    got: given,
    ...(next === undefined ? {} : { hint: next }),
  }
}

function problemOf({ what, expected, got, hint }: OptionProblem, of: string): Problem {
  const thing = what === undefined ? of : `${what} of ${of}`
  const message = `Expected ${thing} to be ${expected}, got ${got}`
  return { code: 'playbook', message, expected, got, ...(hint === undefined ? {} : { hint }) }
}

type Issue = z.core.$ZodIssue

/** The member of a union that was meant, judging by the value's type: an object with a misspelt key, a list with a wrong element. */
function innermost(issue: Issue, above: readonly PropertyKey[]): Issue[] {
  const here = { ...issue, path: [...above, ...issue.path] }
  if (issue.code !== 'invalid_union') return [here]
  const near = issue.errors.filter((issues) =>
    issues.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  )
  const [meant] = near
  return meant === undefined || near.length > 1 ? [here] : meant.flatMap((each) => innermost(each, here.path))
}

function problemsOfIssue(
  issue: Issue,
  { schema, of, kind, isForeign = false, noun = 'option' }: Strict,
  given: object,
): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path)
    return issue.keys.map((key) => unknownOption([...issue.path, key], known, { of, kind, noun }))
  }
  const what = `${dotted(issue.path)} of ${of}`
  const value = valueAt(given, issue.path)
  if (isForeign && issue.message !== wordsFor(issue))
    return [{ code: 'playbook', message: `${what}: ${issue.message}`, got: shownValue(issue.path, value) }]
  const advice = issue.code === 'custom' ? (issue.params as Advice | undefined) : undefined
  const got = (each: unknown) => advice?.got?.(each) ?? shownValue(issue.path, each)
  const hint = (each: unknown) =>
    advice?.hint?.(each) ??
    (each instanceof Secret && advice?.takesSecrets === true
      ? undefined
      : hintFor(issue, each, schemasAt(schema, issue.path)))
  return [unexpected(what, issue.message, value, { got, hint })]
}

function unknownOption(
  path: readonly PropertyKey[],
  known: readonly string[],
  { of, kind, noun }: { of: string; kind: string | undefined; noun: string },
): Problem {
  const name = String(path.at(-1))
  const hint = meantBy(name, known, { kind, isInside: path.length > 1 }).hint ?? wordOfAnsible(name)
  return {
    code: 'playbook',
    message: `unknown ${noun} ${JSON.stringify(dotted(path))} of ${of}`,
    ...(known.length === 0 ? {} : { expected: choice(known) }),
    got: JSON.stringify(name),
    ...(hint === undefined ? {} : { hint }),
  }
}

/** The keys that an object among the options accepts. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  return schemasAt(schema, path).flatMap((each) => (each instanceof z.ZodObject ? Object.keys(each.shape) : []))
}

/** The schemas for a value inside the options: for a union each member. */
function schemasAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType[] {
  const [key, ...rest] = path
  const bare = unwrapped(schema)
  if (bare instanceof z.ZodUnion)
    return bare.options.flatMap((option) => (option instanceof z.ZodType ? schemasAt(option, path) : []))
  if (key === undefined) return [bare]
  const inside: unknown =
    bare instanceof z.ZodArray ? bare.element : bare instanceof z.ZodObject ? bare.shape[String(key)] : undefined
  return inside instanceof z.ZodType ? schemasAt(inside, rest) : []
}

function unwrapped(schema: z.ZodType): z.ZodType {
  const isWrapper = schema instanceof z.ZodOptional || schema instanceof z.ZodReadonly || schema instanceof z.ZodLazy
  const inner = isWrapper ? schema.unwrap() : schema
  if (inner instanceof z.ZodPipe) {
    const end = inner.out instanceof z.ZodTransform ? inner.in : inner.out
    return end instanceof z.ZodType ? unwrapped(end) : inner
  }
  return inner === schema || !(inner instanceof z.ZodType) ? schema : unwrapped(inner)
}

function hintFor(issue: Issue, value: unknown, wanted: readonly z.ZodType[]): string | undefined {
  if (value instanceof Secret) return 'this option takes no Secret: its value is shown in reports'
  if (issue.code === 'invalid_type' && issue.expected === 'array' && isElement(value, wanted))
    return typeof value === 'object' ? 'write it in brackets: [{ ... }]' : `write [${describeValue(value)}]`
  if (typeof value !== 'string') return undefined
  if (issue.code === 'invalid_type' && issue.expected === 'boolean' && /^(?:yes|no|true|false|on|off)$/i.test(value))
    return `write ${/^(?:yes|true|on)$/i.test(value) ? 'true' : 'false'}, without quotes`
  const words = value.split(/\s*,\s*/)
  if (issue.code === 'invalid_type' && issue.expected === 'array' && words.length > 1 && isElement(words[0], wanted))
    return `write [${words.map((word) => JSON.stringify(word)).join(', ')}]`
  return issue.code === 'invalid_value' ? didYouMean(value, issue.values.map(String)) : undefined
}

/** The value should be a list, but looks like one of its elements, even if parts of it are wrong. */
function isElement(value: unknown, wanted: readonly z.ZodType[]): boolean {
  return wanted.some((list) => {
    if (!(list instanceof z.ZodArray) || !(list.element instanceof z.ZodType)) return false
    const read = list.element.safeParse(value, ONCE)
    return read.success || read.error.issues.every(({ path }) => path.length > 0)
  })
}

function shownValue(path: readonly PropertyKey[], value: unknown): string {
  const isHidden = typeof value === 'string' && path.some((part) => isSensitive(String(part)))
  return isHidden ? 'a text that is not shown' : describeValue(value)
}

function isMissing(issue: Issue, given: object): boolean {
  return issue.code !== 'unrecognized_keys' && valueAt(given, issue.path) === undefined
}

function valueAt(given: object, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inside, part) =>
      typeof inside === 'object' && inside !== null ? (inside as Record<PropertyKey, unknown>)[part] : undefined,
    given,
  )
}

/** `ports[1]`, `apt.key.url` */
function dotted(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  )
}

function without(given: object, keys: ReadonlySet<PropertyKey | undefined>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([key]) => !keys.has(key)))
}
