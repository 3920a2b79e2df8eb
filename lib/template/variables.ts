import type { Place } from '../errors.ts'
import { isSecret, type Secret } from '../secret.ts'
import { MOST_LEVELS } from '../text/levels.ts'
import { fromPlain } from './values/json.ts'
import type { Scope } from './evaluation/run.ts'
import { render } from './render.ts'
import { Template, type Typing } from './template.ts'
import {
  Callable,
  Float,
  isDict,
  isList,
  KeptText,
  Lazy,
  Opaque,
  TemplateError,
  Tuple,
  Undefined,
  UndefinedError,
  type Dict,
  type Key,
  type Value,
} from './values/value.ts'

/** A variable of the inventory: plain data that may contain `Template`, `Secret` and `Float`. A map may have keys that are no texts. */
export interface RawVariable {
  readonly value: unknown
  readonly place?: Place
}

/** The variables of one host before templates are evaluated. */
export interface RawVariables {
  readonly get: (name: string) => RawVariable | undefined
  readonly names: () => readonly string[]
}

/** The data that templates can use: the hosts of an inventory with their variables, and its groups. Nothing that comes from a host. */
export interface World {
  readonly host: (name: string) => RawVariables | undefined
  readonly hosts: () => readonly string[]
  readonly groups: () => ReadonlyMap<string, readonly string[]>
  readonly directories: readonly string[]
  /** What a file that is looked up says. That of an encrypted one is a Secret. */
  readonly textOf: (text: string, file: string) => string | Secret
}

/** The error of a template, with the place where the template is written. */
export class PlacedError extends TemplateError {
  readonly place: Place | undefined

  constructor(message: string, place: Place | undefined, hint: string | undefined) {
    super(message, hint)
    this.place = place
  }
}

/** Evaluates the templates of a world. Each variable of a host is evaluated once, at its first use. */
export class Evaluator {
  readonly #world: World
  readonly #typing: Typing
  readonly #scopes = new Map<string, Scope>()
  /** The variables being evaluated, the outermost first. */
  readonly #trail: { readonly host: string; readonly name: string }[] = []
  #groups: Dict | undefined

  constructor(world: World, typing: Typing) {
    this.#world = world
    this.#typing = typing
  }

  /** The value of a variable on a host; undefined when it does not exist. Throws a PlacedError with the place of the template. */
  variable(host: string, name: string): unknown {
    const value = this.#scope(host).variable(name)
    return value === undefined ? undefined : this.#finished(value)
  }

  /** Plain data with every template in it evaluated for a host. Throws a PlacedError. */
  evaluated(host: string, data: unknown): unknown {
    try {
      return this.#finished(this.#valueOf(this.#scope(host), data))
    } catch (error) {
      throw error instanceof UndefinedError ? new PlacedError(error.message, error.place, UNDEFINED_HINT) : error
    }
  }

  #finished(value: Value): unknown {
    if (value instanceof Undefined) throw new PlacedError(value.message, value.place, UNDEFINED_HINT)
    return plainOf(value)
  }

  #scope(host: string): Scope {
    const known = this.#scopes.get(host)
    if (known !== undefined) return known
    const made = this.#makeScope(host)
    this.#scopes.set(host, made)
    return made
  }

  #makeScope(host: string): Scope {
    const raw = this.#world.host(host)
    const values = new Map<string, Value | undefined>()
    const scope: Scope = {
      directories: this.#world.directories,
      textOf: this.#world.textOf,
      isPlain: (name) => {
        const value = raw?.get(name)
        if (value === undefined) return false
        const { value: given } = value
        return (
          given === null ||
          given instanceof Float ||
          (given instanceof Opaque && given.type === 'int') ||
          ['number', 'boolean'].includes(typeof given)
        )
      },
      variable: (name) => {
        if (values.has(name)) return values.get(name)
        const found = raw?.get(name)
        const value = found === undefined ? this.#special(name, scope, raw) : this.#inside(host, name, scope, found)
        values.set(name, value)
        return value
      },
    }
    return scope
  }

  #inside(host: string, name: string, scope: Scope, { value, place }: RawVariable): Value {
    const before = this.#trail.findIndex((each) => each.host === host && each.name === name)
    if (before !== -1) {
      const circle = [...this.#trail.slice(before), { host, name }]
      const isOneHost = circle.every((each) => each.host === host)
      const words = circle.map((each) => (isOneHost ? each.name : `${each.name} of ${each.host}`)).join(' > ')
      throw new PlacedError(
        `the variables go in a circle: ${words}`,
        place,
        'give one of them a value that names none of the others',
      )
    }
    if (this.#trail.length === MOST_LEVELS)
      throw new PlacedError(
        `${MOST_LEVELS} variables stand one in the other, the last of them ${name}`,
        place,
        'give it a value that names fewer others',
      )
    this.#trail.push({ host, name })
    try {
      return this.#valueOf(scope, value)
    } catch (error) {
      // An undefined name is not yet an error: `default` may replace it.
      if (error instanceof UndefinedError) return new Undefined(error.message, error.place)
      throw error
    } finally {
      this.#trail.pop()
    }
  }

  #special(name: string, scope: Scope, raw: RawVariables | undefined): Value | undefined {
    switch (name) {
      case 'hostvars':
        return new Lazy(
          (host) => (this.#world.host(host) === undefined ? undefined : this.#hostvars(host)),
          () => this.#world.hosts(),
        )
      case 'vars':
        return new Lazy(
          (variable) => scope.variable(variable),
          () => raw?.names() ?? [],
        )
      case 'groups':
        return (this.#groups ??= new Map(this.#world.groups()))
      default:
        return undefined
    }
  }

  #hostvars(host: string): Lazy {
    const scope = this.#scope(host)
    return new Lazy(
      (name) => scope.variable(name),
      () => this.#world.host(host)?.names() ?? [],
    )
  }

  #valueOf(scope: Scope, data: unknown): Value {
    if (data instanceof Template) return this.#rendered(scope, data)
    if (isSecret(data) || data instanceof Float || data instanceof Opaque) return data
    if (data instanceof Map)
      return new Map(Array.from(data as ReadonlyMap<Key, unknown>, ([key, each]) => [key, this.#valueOf(scope, each)]))
    if (Array.isArray(data)) return data.map((each) => this.#valueOf(scope, each))
    if (typeof data === 'object' && data !== null)
      return new Map(Object.entries(data).map(([key, each]) => [key, this.#valueOf(scope, each)]))
    return fromPlain(data)
  }

  #rendered(scope: Scope, template: Template): Value {
    const { place } = template
    try {
      return render(template, scope, this.#typing)
    } catch (error) {
      if (error instanceof UndefinedError) throw new UndefinedError(new Undefined(error.message, error.place ?? place))
      // A width, count or precision that is too large. Python has no limit, but memory has one.
      if (error instanceof RangeError)
        throw new PlacedError(`the template needs too much memory: ${error.message}`, place, TOO_MUCH_HINT)
      if (error instanceof PlacedError || !(error instanceof TemplateError)) throw error
      throw new PlacedError(error.message, place, error.hint)
    }
  }
}

const TOO_MUCH_HINT = 'look for a width, a count or a number of digits that is too big'
const UNDEFINED_HINT = 'set it in the inventory, or give it a default: {{ name | default(...) }}'

/** A value as plain JavaScript. Secrets stay Secrets. */
function plainOf(value: Value): unknown {
  if (value instanceof Float) return value.value
  if (value instanceof KeptText) return value.text
  if (value instanceof Opaque) return value.written
  if (value instanceof Tuple) return value.items.map(plainOf)
  if (value instanceof Undefined) throw new PlacedError(value.message, value.place, UNDEFINED_HINT)
  if (value instanceof Callable)
    throw new PlacedError(`${value.name} is a function, not a value`, undefined, `call it: ${value.name}()`)
  if (value instanceof Lazy)
    throw new PlacedError('all variables of a host are no value', undefined, 'name the one that is meant')
  if (isList(value)) return value.map(plainOf)
  return isDict(value) ? Object.fromEntries(Array.from(value, ([key, each]) => [String(key), plainOf(each)])) : value
}
