import { z } from 'zod'
import { namedValues } from '../../../named-values.ts'
import { once } from '../../../once.ts'
import { MASK, Secret } from '../../../secret.ts'
import { Sh } from '../../../sh/quote.ts'
import { digitsOf, hintOfWords } from '../../../text/mode-words.ts'
import { didYouMean } from '../../../text/nearest.ts'
import { choice } from '../../../text/schema-words.ts'
import type { Advice } from './option-problems.ts'
import type { Checked } from './options.ts'
import { isPlain, describeValue } from './describe-value.ts'
import { invalidOption } from './invalid-option.ts'
import { tooLong } from './path-length.ts'

/**
 * The types of options. Each says in words what it expects: these complete `Expected mode of file:/etc/motd to be ...`. An option that may hold a
 * secret says so; every other text refuses a Secret, and the mask of one.
 */

/** A value that is checked as a whole. */
export function value<T>(expected: string, accepts: (given: unknown) => boolean, advice: Advice = {}): z.ZodType<T, T> {
  return z.custom<T>(accepts, { error: expected, params: advice })
}

/** A text that fits. A text with a mask is refused: a secret was turned into text somewhere, which nobody means. */
export function text(
  expected = 'a text',
  fits: RegExp | ((given: string) => boolean) = () => true,
  advice: Advice = {},
) {
  const isFit = typeof fits === 'function' ? fits : (given: string) => fits.test(given)
  return value<string>(expected, (given) => typeof given === 'string' && !holdsMask(given) && isFit(given), {
    got: (given) => maskIn(given) ?? advice.got?.(given),
    hint: (given) => (maskIn(given) === undefined ? advice.hint?.(given) : HOW_TO_KEEP),
  })
}

/** A text of any form, such as a file's content or a command line. It may contain three asterisks, but not consist of them alone, since that is the mask. */
export function freeText(expected = 'a text') {
  return value<string>(expected, (given) => typeof given === 'string' && !isMask(given), hidden)
}

/** A text or a Secret. A wrong value is never shown, unless the advice shows it. */
export function secretText(expected: string, fits: (given: string) => boolean = () => true, advice: Advice = {}) {
  const isFit = (given: unknown) =>
    given instanceof Secret ? fits(given.reveal()) : typeof given === 'string' && !isMask(given) && fits(given)
  return value<string | Secret>(expected, isFit, {
    got: (given) => (isMask(given) ? undefined : advice.got?.(given)) ?? hidden.got(given),
    hint: (given) => hidden.hint(given) ?? advice.hint?.(given),
    takesSecrets: true,
  })
}

export const flag = once(() => z.boolean())

/** A duration in seconds. */
export const seconds = once(() => whole('whole seconds, at least 1', 1, Number.MAX_SAFE_INTEGER))

export function whole(expected: string, least: number, most: number) {
  return value<number>(
    expected,
    (given) => Number.isInteger(given) && Number(given) >= least && Number(given) <= most,
    {
      hint: (given) =>
        typeof given === 'string' && /^\d{1,15}$/.test(given) ? `write ${given}, without quotes` : undefined,
    },
  )
}

/** Octal digits, as for chmod(1), or its words where they say all of the mode. */
export const mode = once(() =>
  text('three or four octal digits in quotes, such as "0644"', (given) => digitsOfMode(given) !== undefined, {
    hint: (given) =>
      typeof given === 'number'
        ? `write the digits in quotes, such as '0644'`
        : typeof given === 'string'
          ? hintOfWords(given)
          : undefined,
  }).transform((given) => digitsOfMode(given) ?? given),
)

function digitsOfMode(given: string): string | undefined {
  return /^[0-7]{3,4}$/.test(given) ? given : digitsOf(given)
}

/** The owner of a path: a name or a number. */
export const account = once(() =>
  text('the name or number of an account, in quotes', /^[^\s:\p{Cc}-][^:\p{Cc}]*$/u, {
    hint: (given) => (typeof given === 'number' ? `write the number in quotes: '${given}'` : undefined),
  }),
)

/** The mode of a path. */
export const attributeOptions = once(() => ({
  mode: mode().optional(),
  owner: account().optional(),
  group: account().optional(),
}))

/** An absolute path without `..`. */
export const path = (expected = 'an absolute path without ".."') => text(expected, isAbsolute, { hint: lengthHint })

export function isAbsolute(given: string): boolean {
  return (
    given.startsWith('/') && !given.includes('\0') && !given.split('/').includes('..') && tooLong(given) === undefined
  )
}

export function lengthHint(given: unknown): string | undefined {
  return typeof given === 'string' ? tooLong(given)?.hint : undefined
}

export const pattern = once(() =>
  value<RegExp>('a regular expression, such as /^a/', (given) => given instanceof RegExp, {
    hint: (given) => (typeof given === 'string' ? asPattern(given) : undefined),
  }),
)

/** How a text of other tools is written as an expression. `EOF` and `BOF` are Ansible's words for the ends of a file. */
function asPattern(given: string): string | undefined {
  if (given === 'EOF') return 'leave it out: the end of the file is the default'
  if (given === 'BOF') return 'write insertBefore: /^/'
  return given !== '' && given.length < 60 && !given.includes('\n')
    ? `write /${given.replaceAll('/', '\\/')}/`
    : undefined
}

/** A name that the user chooses freely: any text of one line. */
export function described(kind: string, name: unknown): string {
  if (typeof name === 'string' && name.trim() !== '' && !/[\r\n\0]/.test(name) && !holdsMask(name)) return name
  throw invalidOption(
    `name of ${kind}`,
    'a text of one line',
    typeof name === 'string' && name.trim() === '' ? 'none' : describeValue(name),
  )
}

/** One of these texts. `hints` explain some wrong ones. */
export function oneOf<const T extends string>(words: readonly T[], hints: Readonly<Record<string, string>> = {}) {
  return value<T>(choice(words.map((word) => `"${word}"`)), (given) => words.some((word) => word === given), {
    hint: (given) => (typeof given === 'string' ? (hints[given] ?? didYouMean(given, words)) : undefined),
  })
}

/** A command line for the host's shell. */
export const command = once(() =>
  value<string | Sh>('a command', (given) => isCommand(given), {
    got: (given) => (typeof given === 'string' || given instanceof Sh ? 'an empty one' : undefined),
  }),
)

export function isCommand(given: unknown): boolean {
  return given instanceof Sh ? given.text.trim() !== '' : typeof given === 'string' && given.trim() !== ''
}

/** One of two types. */
export function either<A extends z.ZodType, B extends z.ZodType>(expected: string, one: A, other: B) {
  return z.union([one, other], { error: expected })
}

export function list<T extends z.ZodType>(expected: string, item: T) {
  // Not `readonly()`, which freezes the given value: bytes cannot be frozen.
  return z.array(item, { error: expected }) as unknown as z.ZodReadonly<z.ZodArray<T>>
}

/** A map of names to values; entries with the value `undefined` are dropped. */
export function record<T extends z.ZodType>(expected: string, item: T) {
  return z
    .custom<Readonly<Record<string, z.input<T> | undefined>>>(isPlain, { error: expected })
    .pipe(namedValues(item.optional()))
    .transform((given) => withoutUndefined(given) as Readonly<Record<string, Exclude<z.output<T>, undefined>>>)
}

/** An object inside the options, checked as strictly as they are. */
export function nested<Shape extends z.ZodRawShape>(expected: string, shape: Shape) {
  return z
    .custom<z.input<z.ZodObject<Shape, z.core.$strict>>>(isPlain, { error: expected })
    .pipe(z.strictObject(shape))
    .transform((given) => withoutUndefined(given) as Checked<Shape>)
}

function withoutUndefined(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, each]) => each !== undefined))
}

const HOW_TO_KEEP = 'give the Secret itself where a secret may stand; turned into text it is only stars'

export function isMask(given: unknown): boolean {
  return typeof given === 'string' && given.trim() === MASK
}

function holdsMask(given: string): boolean {
  return given.includes(MASK)
}

function maskIn(given: unknown): string | undefined {
  return typeof given === 'string' && holdsMask(given)
    ? `a text with ${MASK} in it, which stands for a secret`
    : undefined
}

/** For a text that may be secret, only its type is described. */
const hidden = {
  got(given: unknown) {
    if (given instanceof Secret) return 'a Secret that holds something else'
    return isMask(given)
      ? `${MASK}, which stands for a secret`
      : typeof given === 'string'
        ? 'another text'
        : describeValue(given)
  },
  hint: (given: unknown) => (isMask(given) ? HOW_TO_KEEP : undefined),
}
