import { z } from 'zod'
import { RolecallError, type Problem } from '../../errors.ts'
import { CallSite } from '../../place.ts'
import { Sh } from '../../sh/quote.ts'
import { effectOption } from './options/effect-options.ts'
import { kind as houseKind, type Kind, type Plan, type Refused, type Resource, type Step } from './kind.ts'
import { unexpected } from './options/option-problems.ts'
import { described, flag, list, nested, path, seconds, text, value } from './options/option-types.ts'
import { objectOptions, optionsBy } from './options/options.ts'
import { isPlain, isPromise } from './options/describe-value.ts'

/** A kind with a schema of its options: invalid options are refused when a resource is made, with the place of the call. */
export type KindWithOptions<Schema extends z.ZodObject, Have> = Kind<z.output<Schema>, Have> & {
  /** The schema of the options. Unknown names are refused. */
  readonly options: Schema
}

/**
 * Makes a resource constructor of a kind. With a schema as `options`, the options of each resource are checked as those of our own kinds: unknown,
 * missing and wrong ones are refused with the place of the call. Without a schema they are not checked.
 *
 * The results of the kind's own functions (scripts, plans, effects, predictions, paths) are checked strictly: a misspelt name ends the role.
 *
 * @example
 * const timezone = kind({
 *   name: 'timezone',
 *   options: z.object({ zone: z.string() }),
 *   probe: () => sh`readlink /etc/localtime`,
 *   read: (_, reply) => ({ zone: reply.text.trim().replace('/usr/share/zoneinfo/', '') }),
 *   plan: (want, have) => have.zone === want.zone ? [] :
 *     [{ summary: `set time zone ${want.zone}`, sh: sh`ln -sfn ${'/usr/share/zoneinfo/' + want.zone} /etc/localtime` }],
 * })
 * timezone('system', { zon: 'UTC' })       // refused: did you mean "zone"?
 */
export function kind<Schema extends z.ZodObject, Have>(
  definition: KindWithOptions<Schema, Have>,
): (name: string, options: z.input<Schema>) => Resource<z.output<Schema>>
export function kind<Want, Have>(definition: Kind<Want, Have>): (name: string, want: Want) => Resource<Want>
export function kind<Want, Have>(
  definition: Kind<Want, Have> & { readonly options?: z.ZodObject },
): (name: string, want: Want) => Resource<Want> {
  readKind(
    isPlain(definition) && typeof definition.name === 'string' ? `kind ${definition.name}` : 'the kind',
    definition,
  )
  const { options, ...own } = definition
  const make = houseKind<Want, Have>(checked(own, new CallSite(kind)))
  if (options === undefined) return (name, want) => make(described(own.name, name), want)
  const schema = options.strict()
  return (name, want) => make(described(own.name, name), optionsBy(schema, `${own.name}:${name}`, want) as Want)
}

/** The same kind, whose functions throw the problems of a wrong result, with the place where the kind was made. */
function checked<Want, Have>(own: Kind<Want, Have>, madeAt: CallSite): Kind<Want, Have> {
  const check = <T>(what: string, given: T, problems: (of: string) => readonly Problem[]): T => {
    const wrong = problems(`${what} of kind ${own.name}`)
    if (wrong.length === 0) return given
    const { place } = madeAt
    throw new RolecallError(wrong.map((problem) => ({ ...problem, ...(place === undefined ? {} : { place }) })))
  }
  return {
    ...own,
    probe(want, facts) {
      const given = own.probe(want, facts)
      return check('the probe', given, (of) => answerProblems(of, 'sh`...`', given, (it) => it instanceof Sh))
    },
    read(want, reply, facts) {
      const given = own.read(want, reply, facts)
      return check('the answer of read', given, (of) => answerProblems(of, 'what is there', given, () => true))
    },
    plan(want, have, facts) {
      const given = own.plan(want, have, facts)
      return check('the plan', given, (of) => planProblems(of, given))
    },
    ...(own.predict && {
      predict(want, have, prediction, facts) {
        const given = own.predict?.(want, have, prediction, facts)
        // If nothing was found, undefined is a valid prediction; otherwise it means a forgotten return.
        const stated = have === undefined ? (given ?? null) : given
        return check('the prediction', given ?? have, (of) => predictionProblems(of, stated))
      },
    }),
    ...(own.paths && {
      paths(want) {
        const given = own.paths?.(want) ?? []
        return check('the paths', given, (of) => pathProblems.problems(of, { paths: given }))
      },
    }),
    ...(own.effects && {
      effects(want, have, facts) {
        const given = own.effects?.(want, have, facts) ?? []
        return check('the effects', given, (of) => effectProblems.problems(of, { effects: given }))
      },
    }),
  }
}

const call = () => value<(...given: never[]) => unknown>('a function', (given) => typeof given === 'function')

interface Definition {
  readonly name: string
  readonly options?: z.ZodObject
  readonly probe: (...given: never[]) => unknown
  readonly read: (...given: never[]) => unknown
  readonly plan: (...given: never[]) => unknown
  readonly paths?: (...given: never[]) => unknown
  readonly effects?: (...given: never[]) => unknown
  readonly predict?: (...given: never[]) => unknown
  readonly advanced?: { readonly batchable?: boolean | undefined; readonly parallelProbe?: boolean | undefined }
}

const readKind = objectOptions<Definition>()(() => ({
  name: text('letters and digits', /^[A-Za-z][\w-]*$/),
  options: value<z.ZodObject>('z.object({ ... })', (given) => given instanceof z.ZodObject).optional(),
  probe: call(),
  read: call(),
  plan: call(),
  paths: call().optional(),
  effects: call().optional(),
  predict: call().optional(),
  advanced: nested('{ batchable, parallelProbe }', {
    batchable: flag().optional(),
    parallelProbe: flag().optional(),
  }).optional(),
}))

const steps = () => list('a list of steps', nested('a step: { summary, sh }', stepShape()))

const stepShape = () => ({
  summary: text('what the step does', /\S/),
  sh: value<Sh>('sh`...`', (given) => given instanceof Sh),
  stdin: value<Uint8Array>('bytes', (given) => given instanceof Uint8Array).optional(),
  deadline: seconds().optional(),
  cleanupOnly: z.literal(true).optional(),
  reconnect: nested('{ deadline, until }', {
    deadline: seconds(),
    until: value<Sh>('sh`...`', (given) => given instanceof Sh),
  }).optional(),
})

const planned = objectOptions<
  Pick<Plan, 'steps'> & { readonly changes?: Plan['changes']; readonly validation?: Plan['validation'] }
>()(() => ({
  steps: steps() as unknown as z.ZodType<readonly Step[], readonly Step[]>,
  changes: value<NonNullable<Plan['changes']>>('a list of changes', Array.isArray).optional(),
  validation: value<NonNullable<Plan['validation']>>('a validation: { sh }', isPlain).optional(),
}))

const refused = objectOptions<Refused>()(() => ({ refused: text('a sentence', /\S/), hint: text().optional() }))

const effectProblems = objectOptions<{ readonly effects: readonly z.input<ReturnType<typeof effectOption>>[] }>()(
  () => ({
    effects: list('a list of effects', effectOption()),
  }),
)

const pathProblems = objectOptions<{ readonly paths: readonly string[] }>()(() => ({
  paths: list('a list of paths', path()),
}))

/** The functions of a kind are not awaited, so a promise is never a valid result. */
function answerProblems(
  of: string,
  expected: string,
  given: unknown,
  isRight: (given: unknown) => boolean,
): readonly Problem[] {
  if (isPromise(given))
    return [
      { ...unexpected(of, expected, given), hint: 'it is a pure function, and not awaited: write it without async' },
    ]
  return isRight(given) ? [] : [unexpected(of, expected, given)]
}

function predictionProblems(of: string, given: unknown): readonly Problem[] {
  const isUnknown = isPlain(given) && 'unknown' in given
  return answerProblems(of, 'what will be there, or { unknown } with a sentence', given, () => {
    return given !== undefined && (!isUnknown || typeof given['unknown'] === 'string')
  })
}

function planProblems(of: string, given: unknown): readonly Problem[] {
  if (Array.isArray(given)) return planned.problems(of, { steps: given })
  if (isPlain(given) && 'refused' in given) return refused.problems(of, given)
  const isStep = isPlain(given) && 'sh' in given && !('steps' in given)
  if (isStep)
    return [unexpected(of, 'a list of steps', given, { hint: () => 'write it in brackets: [{ summary, sh }]' })]
  if (isPlain(given)) return planned.problems(of, given)
  return answerProblems(of, 'a list of steps', given, () => false)
}
