import type { DetailsOptions } from '../host-details.ts'
import type { HostContext, ReachedHost, ReachedSite, ReadOptions, Site } from './context.ts'
import { isSharedShape } from './variables/shared-shape.ts'
import { describeValue, isPlain, isPromise } from '../resources/kit/options/describe-value.ts'
import { refuseExtra } from '../resources/kit/options/extra-arguments.ts'
import { invalidOption } from '../resources/kit/options/invalid-option.ts'
import { freeText, oneOf, value } from '../resources/kit/options/option-types.ts'
import { objectOptions } from '../resources/kit/options/options.ts'

/** A check of one parameter: throws a RolecallError with the place of the call for a value that the function does not accept. */
type Parameter = (call: string, given: unknown) => void

interface Signature {
  readonly takes: readonly Parameter[]
  /** The function returns a promise, so errors are rejections too. */
  readonly isAsync: boolean
}

/** Signatures by the name of the function. */
type Signatures = Readonly<Record<string, Signature>>

const gives = (...takes: readonly Parameter[]): Signature => ({ takes, isAsync: false })
const promises = (...takes: readonly Parameter[]): Signature => ({ takes, isAsync: true })

/**
 * A role's context whose functions check their arguments: a missing path, an unknown option, an argument too many. TypeScript reports these too, but
 * a role in JavaScript, or one whose types nobody checks, learns of them here.
 *
 * @example
 * await role.apply(checkedContext(context))
 */
export function checkedContext<Context extends object>(context: Context): Context {
  const host = Reflect.get(context, 'host') as unknown
  const site = Reflect.get(context, 'site') as unknown
  return {
    ...withChecks(context, OF_CONTEXT),
    ...(isObject(host) ? { host: withChecks(host, OF_HOST, 'host.') } : {}),
    ...(isObject(site) ? { site: checkedSite(site as Site | ReachedSite) } : {}),
  }
}

function checkedSite(site: Site | ReachedSite): object {
  const checked = withChecks(site, OF_SITE, 'site.')
  return {
    ...checked,
    host: (...given: [string]) => withChecks(checked.host(...given), OF_OTHER_HOST, 'host.'),
    hosts: (...given: [string]) => checked.hosts(...given).map((host) => withChecks(host, OF_OTHER_HOST, 'host.')),
    ...('on' in checked
      ? {
          on: (...[name, work, ...more]: [string, (there: HostContext) => Promise<unknown>]) =>
            checked.on(name, typeof work === 'function' ? (there) => work(checkedContext(there)) : work, ...more),
        }
      : {}),
  }
}

function withChecks<T extends object>(object: T, signatures: Signatures, of = ''): T {
  const checked = Object.entries(signatures).flatMap(([name, { takes, isAsync }]) => {
    const work: unknown = Reflect.get(object, name)
    const called = `${of}${name}`
    if (typeof work !== 'function') return []
    const call = (...given: unknown[]): unknown => {
      try {
        for (const [at, parameter] of takes.entries()) parameter(called, given[at])
        refuseExtra(called, takes.length, given)
      } catch (error) {
        if (isAsync && error instanceof Error) return Promise.reject(error)
        throw error
      }
      return Reflect.apply(work, object, given)
    }
    return [[name, call] as const]
  })
  return { ...object, ...Object.fromEntries(checked) }
}

const isObject = (given: unknown): given is object => typeof given === 'object' && given !== null

function parameter(what: string, expected: string, accepts: (given: unknown) => boolean): Parameter {
  return (call, given) => {
    if (accepts(given)) return
    const hint = isPromise(given) ? 'put await before it' : undefined
    throw invalidOption(`${what} of ${call}()`, expected, describeValue(given), hint)
  }
}

const isText = (given: unknown): given is string => typeof given === 'string'
const anything: Parameter = () => undefined
const text = (what: string) => parameter(what, 'a text', isText)
const name = (what: string) => parameter(what, 'a name', (given) => isText(given) && given.trim() !== '')
const path = parameter(
  'the path',
  'an absolute path',
  (given) => isText(given) && given.startsWith('/') && !given.includes('\0'),
)
const work = parameter('the work', 'a function', (given) => typeof given === 'function')
const optional =
  (inner: Parameter): Parameter =>
  (call, given) =>
    given === undefined ? undefined : inner(call, given)

const readOptions = objectOptions<ReadOptions>()(() => ({ whilePending: freeText().optional() }))
const onceOptions = objectOptions<{ readonly per?: 'play' | 'batch' }>()(() => ({
  per: oneOf(['play', 'batch']).optional(),
}))
const detailsOptions = objectOptions<DetailsOptions<never>>()(() => ({
  custom: value<never>('a schema: z.object({ ... })', (given) => isObject(given) && 'shape' in given).optional(),
}))

const options =
  (read: (of: string, given: unknown) => unknown): Parameter =>
  (call, given) =>
    void read(`${call}()`, given)

/** The argument of `host.vars()`. */
const declaration = parameter(
  'what is asked for',
  'a role, or shared variables',
  (given) => isSharedShape(given) || (isObject(given) && 'type' in given && given.type === 'role'),
)

const OF_CONTEXT: Signatures = {
  note: gives(text('the message')),
  part: promises(text('the name'), work),
  once: promises(name('what is done'), work, options(onceOptions)),
  exists: promises(path),
  read: promises(path, options(readOptions)),
  details: promises(options(detailsOptions)),
  expect: gives(anything, optional(text('what is looked at'))),
  fetchFile: promises(anything, anything, anything),
}

const OF_HOST: Signatures = { pick: gives(parameter('the choices', 'an object with a key for each family', isPlain)) }

const OF_SITE: Signatures = {
  host: gives(name('the host')),
  hosts: gives(name('the pattern')),
  on: promises(name('the host'), work),
}

const OF_OTHER_HOST: Readonly<Record<keyof Pick<ReachedHost, 'vars' | 'read' | 'facts' | 'details'>, Signature>> = {
  vars: gives(declaration),
  read: promises(path, options(readOptions)),
  facts: promises(),
  details: promises(options(detailsOptions)),
}
