import { dirname } from 'node:path'
import { RolecallError, type Place } from '../../errors.ts'
import { Secret } from '../../secret.ts'
import { untyped } from '../../text/typed.ts'
import { Float, Opaque } from '../../template/values/value.ts'
import { Template, type Typing } from '../../template/template.ts'
import { evaluatorOf, templateError } from '../../template/engine.ts'
import type { Evaluator, RawVariable, RawVariables, World } from '../../template/variables.ts'
import { isTemplate } from './doubts.ts'
import type { Layer } from './layer.ts'
import { plain, standsAt } from '../graph/tree.ts'
import type { Entry, Scalar, ScalarNode, YamlNode } from '../graph/tree.ts'

/** A host's data for templates. */
interface Known {
  readonly name: string
  readonly place: Place
  readonly groups: readonly string[]
  readonly layers: readonly Layer[]
}

/** The inventory's data for templates. Called when the first template is evaluated. */
export interface KnownWorld {
  readonly host: (name: string) => Known | undefined
  readonly hosts: () => readonly string[]
  /** The names of the hosts of each group. */
  readonly groups: () => ReadonlyMap<string, readonly string[]>
  /** The directory for relative paths in `lookup('file', ...)`. */
  readonly directories: readonly string[]
  /** What a file that is looked up says. That of an encrypted one is a Secret. */
  readonly textOf: (text: string, file: string) => string | Secret
}

/** Evaluates the templates in values of an inventory for a host. Each variable is evaluated once, at its first use. */
export class Values {
  readonly #world: World
  readonly #evaluators = new Map<Typing, Evaluator>()

  constructor(known: KnownWorld) {
    const hosts = new Map<string, RawVariables | undefined>()
    this.#world = {
      hosts: known.hosts,
      groups: known.groups,
      directories: known.directories,
      textOf: known.textOf,
      host(name) {
        if (!hosts.has(name)) hosts.set(name, rawOf(known.host(name)))
        return hosts.get(name)
      },
    }
  }

  /** A value for a host. Throws a RolecallError with the place of the template that failed. */
  of(node: YamlNode, host: string, typing: Typing = 'ansible'): unknown {
    if (!hasTemplate(node)) return plain(node)
    return this.#told(host, node, () => this.#evaluator(typing).evaluated(host, raw(node)))
  }

  /** A top-level variable of a host, or one that Ansible itself sets. Undefined when there is no such variable. */
  variable(name: string, host: string, typing: Typing = 'ansible'): unknown {
    return this.#told(host, undefined, () => this.#evaluator(typing).variable(host, name))
  }

  /** A value that must be a text, a number, true or false. Throws a RolecallError for others. */
  scalar(node: YamlNode, host: string): Scalar {
    const value = this.of(node, host)
    if (value === null || value instanceof Secret || ['string', 'number', 'boolean'].includes(typeof value))
      return value as Scalar
    throw new RolecallError({
      code: 'vars',
      host,
      message: 'the template gives no text',
      place: standsAt(node),
      expected: 'a text, a number, true or false',
      got: Array.isArray(value) ? 'a list' : 'a map',
    })
  }

  #evaluator(typing: Typing): Evaluator {
    const known = this.#evaluators.get(typing)
    if (known !== undefined) return known
    const made = evaluatorOf(this.#world, typing)
    this.#evaluators.set(typing, made)
    return made
  }

  #told<T>(host: string, node: YamlNode | undefined, work: () => T): T {
    try {
      return work()
    } catch (error) {
      const failed = templateError(error)
      if (failed === undefined) throw error
      const place = failed.place ?? (node && standsAt(node))
      throw new RolecallError({
        code: 'vars',
        host,
        message: `the template cannot be evaluated: ${failed.message}`,
        ...(place === undefined ? {} : { place }),
        ...(failed.hint === undefined ? {} : { hint: failed.hint }),
      })
    }
  }
}

/** For hosts that no inventory has. */
export const noValues = new Values({
  host: () => undefined,
  hosts: () => [],
  groups: () => new Map(),
  directories: [],
  textOf: (text) => text,
})

/** Whether a value contains a template. Most do not, and need no evaluation. */
export function hasTemplate(node: YamlNode): boolean {
  switch (node.kind) {
    case 'scalar':
      return isTemplate(node)
    case 'list':
      return node.items.some(hasTemplate)
    case 'map':
      return Array.from(node.entries.values()).some((entry) => hasTemplate(entry.node))
  }
}

/** Converts a value for the template engine. */
function raw(node: YamlNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return isTemplate(node) ? templateOf(node) : typed(node)
    case 'list':
      return node.items.map(raw)
    case 'map':
      return new Map(Array.from(node.entries.values(), (entry) => [keyOf(entry), raw(entry.node)]))
  }
}

function typed({ type, value }: ScalarNode): unknown {
  if (type === 'float') return new Float(Number(value))
  if (typeof value !== 'string' || type === undefined) return value
  return new Opaque(value, type === 'int' ? 'int' : value.includes(' ') ? 'datetime' : 'date')
}

function keyOf({ key, typed }: Entry): string | number | boolean | null {
  return typed === undefined ? key : untyped(typed)
}

/** The text of a template; undefined for every other value. */
export function templateText(node: ScalarNode): string | undefined {
  return isTemplate(node) ? templateOf(node).source : undefined
}

function templateOf(node: ScalarNode): Template {
  const { value } = node
  const isSecret = value instanceof Secret
  return new Template(isSecret ? value.reveal() : String(value), standsAt(node), isSecret)
}

function rawOf(host: Known | undefined): RawVariables | undefined {
  if (host === undefined) return undefined
  const special = specialOf(host)
  return {
    get(name) {
      if (special.has(name)) return { value: special.get(name) }
      const entry = winner(host, name)
      return entry === undefined ? undefined : rawVariable(entry)
    },
    names: () => [...new Set([...host.layers.flatMap(({ variables }) => [...variables.keys()]), ...special.keys()])],
  }
}

function rawVariable(entry: Entry): RawVariable {
  return { value: raw(entry.node), place: standsAt(entry) }
}

/** The entry in the highest layer that has the name. The layers are in order, `-e` last. */
export function winner({ layers }: Pick<Known, 'layers'>, name: string): Entry | undefined {
  for (let at = layers.length - 1; at >= 0; at--) {
    const entry = layers[at]?.variables.get(name)
    if (entry !== undefined) return entry
  }
  return undefined
}

/** Variables that Ansible itself sets and that cannot be overridden. */
function specialOf({ name, groups, place }: Known): ReadonlyMap<string, unknown> {
  const { file } = place
  return new Map<string, unknown>([
    ['inventory_hostname', name],
    ['inventory_hostname_short', name.split('.')[0] ?? name],
    ['group_names', groups.filter((group) => group !== 'all').toSorted()],
    ['inventory_file', file],
    ['inventory_dir', dirname(file)],
  ])
}
