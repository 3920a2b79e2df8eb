import { z } from 'zod'
import { RolecallError, type Problem } from '../../../errors.ts'
import { once } from '../../../once.ts'
import { placeOfCall } from '../../../place.ts'
import type { Secret } from '../../../secret.ts'
import type { Sh } from '../../../sh/quote.ts'
import { brokenText, brokenTexts } from './broken-text.ts'
import { isPlain, describeValue } from './describe-value.ts'
import { ONCE, problemsOf, unexpected, type OptionProblem, type Strict } from './option-problems.ts'

/**
 * What one call accepts: a strict schema of its options, and the documented type of these options. Both are proven equal by the compiler: if they
 * differ, the result cannot be called, and its type names the options that differ.
 */
export type Reader<Options, Shape extends z.ZodRawShape, Given, Result> =
  Difference<Options, Shape> extends never ? (...given: Given[]) => Result : { differs: Difference<Options, Shape> }

/** Validated options: copied, and without those given as `undefined`. */
export type Checked<Shape extends z.ZodRawShape> = {
  readonly [K in keyof Shape as undefined extends z.output<Shape[K]> ? never : K]: z.output<Shape[K]>
} & {
  readonly [K in keyof Shape as undefined extends z.output<Shape[K]> ? K : never]?: Exclude<
    z.output<Shape[K]>,
    undefined
  >
}

/**
 * Checks options together: two that exclude each other, one that needs another. `given` has the names of all given options, valid or not; `options`
 * has only the valid ones.
 */
export type Rule<Shape extends z.ZodRawShape> = (
  options: Partial<Checked<Shape>>,
  given: ReadonlySet<string>,
) => readonly (OptionProblem | undefined)[]

/**
 * Makes the reader of a kind's call, `(name, options)`.
 *
 * @example
 * const read = resourceOptions<LinkOptions>()('link', (path) => absolute('link', path), () => ({ to: text('a path') }))
 * const { name, options } = read(path, given)      // throws a RolecallError with all that is wrong, and the place of the call
 */
export function resourceOptions<Options>() {
  return <Shape extends z.ZodRawShape>(
    kind: string,
    named: (given: unknown) => string,
    shape: () => Shape,
    rule?: Rule<Shape>,
  ): Reader<Options, Shape, unknown, { name: string; id: string; options: Checked<Shape> }> => {
    const schema = strict(shape)
    namesByKind.set(kind, () => Object.keys(schema().shape))
    const read = (givenName: unknown, given: unknown) => {
      const name = attempt(() => named(givenName))
      const id = `${kind}:${typeof name === 'string' ? name : typeof givenName === 'string' ? givenName : '?'}`
      const { problems, options } = checked({ schema: schema(), of: id, kind }, given, rule)
      // Everything is in one object, as in Ansible: missing options are not the mistake.
      if (typeof name !== 'string' && isPlain(givenName) && given === undefined)
        throw refusal(name.problems.map(nameFirst(kind)), undefined)
      if (typeof name !== 'string') throw refusal([...name.problems, ...problems], undefined)
      const half = brokenText(`name of ${kind}`, name)
      if (half !== undefined) throw refusal([half], undefined)
      if (options === undefined) throw refusal(problems, id)
      return { name, id, options }
    }
    return read as never
  }
}

const nameFirst =
  (kind: string) =>
  (problem: Problem): Problem => ({ ...problem, hint: `its name comes first: ${kind}('...', { ... })` })

const namesByKind = new Map<string, () => readonly string[]>()

let loadKinds = (): void => undefined

/** Sets the function that loads all kinds. In the bundle (scripts/build.js) each kind is loaded only when a role calls it. */
export function kindsAreLoadedBy(load: () => void): void {
  loadKinds = load
}

/** The names of a kind's options; none for an unknown kind. */
export function optionsOfKind(kind: string): readonly string[] {
  if (!namesByKind.has(kind)) loadKinds()
  return namesByKind.get(kind)?.() ?? []
}

/** Makes the reader of an object that a user writes elsewhere: in a play, a run, a role. `of` names the thing in messages. */
export function objectOptions<Options>() {
  return <Shape extends z.ZodRawShape>(
    shape: () => Shape,
    rule?: Rule<Shape>,
  ): Difference<Options, Shape> extends never
    ? { (of: string, given: unknown): Checked<Shape>; problems(of: string, given: unknown): Problem[] }
    : { differs: Difference<Options, Shape> } => {
    const schema = strict(shape)
    const read = (of: string, given: unknown) => {
      const { problems, options } = checked({ schema: schema(), of }, given, rule)
      if (options === undefined) throw refusal(problems, undefined)
      return options
    }
    return Object.assign(read, {
      problems: (of: string, given: unknown) => checked({ schema: schema(), of }, given, rule).problems,
    }) as never
  }
}

/** Validates options by a user's own schema, whose messages are whole sentences. */
export function optionsBy<Schema extends z.ZodObject>(schema: Schema, of: string, given: unknown): z.output<Schema> {
  const read = readBy({ schema, of, isForeign: true }, given)
  if ('problems' in read) throw refusal(read.problems, of)
  return read.values
}

/** Validates variables by the schema of a role; messages name them as `variable "prot" of ...`. Throws a RolecallError with the place of the call. */
export function variablesBy<Schema extends z.ZodObject>(schema: Schema, of: string, given: unknown): z.output<Schema> {
  const read = readBy({ schema, of, isForeign: true, noun: 'variable' }, given)
  if ('problems' in read) throw refusal(read.problems, undefined)
  return read.values
}

function readBy<Schema extends z.ZodObject>(
  strict: Strict & { readonly schema: Schema },
  given: unknown,
): { readonly values: z.output<Schema> } | { readonly problems: readonly Problem[] } {
  const { schema, of } = strict
  const plain = plainCopy(given, () => Object.keys(schema.shape), of)
  if ('problem' in plain) return { problems: [plain.problem] }
  const half = brokenTexts(of, plain.copy)
  if (half.length > 0) return { problems: half }
  const parsed = schema.safeParse(plain.copy, ONCE)
  return parsed.success ? { values: parsed.data } : { problems: problemsOf(strict, plain.copy) }
}

/** Made lazily, so that a program that never uses a kind does not pay for its schema. */
function strict<Shape extends z.ZodRawShape>(shape: () => Shape): () => z.ZodObject<Shape, z.core.$strict> {
  return once(() => z.strictObject(shape()))
}

function checked<Shape extends z.ZodRawShape>(
  strict: Strict & { readonly schema: z.ZodObject<Shape, z.core.$strict> },
  given: unknown,
  rule?: Rule<Shape>,
): { problems: Problem[]; options?: Checked<Shape> } {
  const { schema, of } = strict
  const plain = plainCopy(given, () => Object.keys(schema.shape), of)
  if ('problem' in plain) return { problems: [plain.problem] }
  const parsed = schema.safeParse(plain.copy, ONCE)
  const half = parsed.success ? brokenTexts(of, plain.copy) : []
  if (half.length > 0) return { problems: half }
  const said = rule === undefined || !parsed.success ? [] : rule(parsed.data as never, new Set(Object.keys(plain.copy)))
  const broken = said.filter((each) => each !== undefined)
  if (parsed.success && broken.length === 0) return { problems: [], options: parsed.data as never }
  return { problems: problemsOf(strict, plain.copy, rule as never) }
}

/** Reads each option once, so that the checked value is the one that is used. An option that is `undefined` is dropped. */
function plainCopy(
  given: unknown,
  known: () => readonly string[],
  of: string,
): { copy: Record<string, unknown> } | { problem: Problem } {
  if (given === undefined) return { copy: {} }
  if (!isPlain(given))
    return { problem: unexpected(`options of ${of}`, `a plain object: { ${known().join(', ')} }`, given) }
  const copy: Record<string, unknown> = {}
  try {
    for (const key of Object.keys(given)) {
      const value = given[key]
      if (key === '__proto__') Object.defineProperty(copy, key, { value, enumerable: true })
      else if (value !== undefined) copy[key] = value
    }
    for (const key of Object.getOwnPropertySymbols(given))
      if (Object.prototype.propertyIsEnumerable.call(given, key)) copy[String(key)] = key
  } catch (error) {
    if (error instanceof RolecallError) throw error
    return { problem: { code: 'playbook', message: `the options of ${of} cannot be read: ${describeValue(error)}` } }
  }
  return { copy }
}

function attempt(work: () => string): string | RolecallError {
  try {
    return work()
  } catch (error) {
    if (error instanceof RolecallError) return error
    throw error
  }
}

function refusal(problems: readonly Problem[], resource: string | undefined): RolecallError {
  const place = placeOfCall()
  return new RolecallError(
    problems.map((problem) => ({
      ...problem,
      ...(place === undefined ? {} : { place }),
      ...(resource === undefined ? {} : { resource }),
    })),
  )
}

type KeysOf<T> = T extends unknown ? keyof T : never
type ValueOf<T, K extends PropertyKey> = T extends unknown ? (K extends keyof T ? T[K] : undefined) : never
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false

type Whole =
  | string
  | number
  | boolean
  | null
  | undefined
  | Uint8Array
  | RegExp
  | Secret
  | Sh
  | ((...given: never[]) => unknown)

/** The type with optional parts also as parts that may be `undefined`: a schema accepts both. */
type Loose<T> = T extends Whole
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Loose<Item>[]
    : { [K in keyof T]: undefined extends T[K] ? Loose<T[K]> | undefined : Loose<T[K]> }

/** The names of the options in which a type and a schema differ. An option that only some members of a union have is optional. */
export type Difference<Options, Shape extends z.ZodRawShape> =
  | Exclude<KeysOf<Options>, keyof Shape>
  | {
      [K in keyof Shape]: K extends KeysOf<Options>
        ? Same<ValueOf<Options, K>, z.input<Shape[K]>> extends true
          ? never
          : Same<Loose<ValueOf<Options, K>>, Loose<z.input<Shape[K]>>> extends true
            ? never
            : K
        : K
    }[keyof Shape]

/** For a `Rule`: exactly one of these options must be given. */
export function exactlyOne(names: readonly string[], given: ReadonlySet<string>): OptionProblem | undefined {
  const there = names.filter((name) => given.has(name))
  if (there.length === 1) return undefined
  return { expected: `given one of ${listed(names)}`, got: there.length === 0 ? 'none' : there.join(' and ') }
}

/** For a `Rule`: options that mean nothing together with another one. */
export function leftOut(names: readonly string[], why: string, given: object): OptionProblem[] {
  const there: ReadonlyMap<string, unknown> = new Map(Object.entries(given))
  return names
    .filter((name) => there.has(name))
    .map((what) => ({ what, expected: `left out ${why}`, got: describeValue(there.get(what)) }))
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}
