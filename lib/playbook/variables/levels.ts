import type { Host } from '../../inventory/inventory.ts'
import { levelOf, type Layer } from '../../inventory/variables/layer.ts'
import { RANKS, type Level } from '../../inventory/variables/level.ts'
import { isEmpty, standsAt, type Entry, type YamlNode } from '../../inventory/graph/tree.ts'
import type { Reader } from '../reader.ts'

/** For each variable the levels that set it, the weakest first. */
export type VariableLevels = ReadonlyMap<string, readonly Level[]>

/**
 * The levels of every variable that a reader reads on a host, and of other names under the reader's own key. Within one level the own name is
 * stronger than flat names, and flat names are ordered by `from`.
 */
export function levelsFor(reader: Reader, host: Host, ...inCode: readonly Layer[]): VariableLevels {
  const all = new Map<string, Level[]>()
  const add = (variable: string, level: Level) => {
    const known = all.get(variable)
    if (known === undefined) all.set(variable, [level])
    else known.push(level)
  }
  const layers = inCode.length === 0 ? host.layers : lowestFirst([...inCode, ...host.layers])
  for (const layer of layers) {
    const { rank, owner } = layer
    const whose = owner === undefined ? { rank } : { rank, owner }
    for (const variable of Object.keys(reader.schema.shape)) {
      for (const name of reader.flat(variable).toReversed()) {
        const level = flatLevel(name, layer, whose, host)
        if (level !== undefined) add(variable, level)
      }
    }
    if (reader.role !== undefined)
      for (const [variable, level] of ownLevels(reader.role, layer, whose, host)) add(variable, level)
  }
  return all
}

function lowestFirst(layers: readonly Layer[]): Layer[] {
  return layers.toSorted((a, b) => RANKS.indexOf(a.rank) - RANKS.indexOf(b.rank))
}

type Whose = Pick<Level, 'rank' | 'owner'>

/** The values under a role's name in one layer. Code sets levels by whole names instead. */
function* ownLevels(role: string, layer: Layer, whose: Whose, host: Host): Generator<[string, Level]> {
  if (layer.rank === 'default' || layer.rank === 'playbook') {
    for (const [name, level] of layer.levels) yield [name.slice(role.length + 1), level]
    return
  }
  const entry = layer.variables.get(role)
  if (entry === undefined) return
  for (const [variable, inner] of entriesOf(entry.node, host)) {
    const name = `${role}.${variable}`
    yield [
      variable,
      'node' in inner ? levelOf(name, inner, whose) : { ...whose, name, value: inner.value, place: standsAt(entry) },
    ]
  }
}

/** The entries of a map, or of a template whose value is one. */
function entriesOf(node: YamlNode, host: Host): Iterable<[string, Entry | { readonly value: unknown }]> {
  if (node.kind === 'map') return node.entries
  if (node.kind === 'list' || isEmpty(node)) return []
  const value = host.values.of(node, host.name)
  return isRecord(value) ? Object.entries(value).map(([key, each]) => [key, { value: each }]) : []
}

function flatLevel(name: string, layer: Layer, whose: Whose, host: Host): Level | undefined {
  const [top = '', ...steps] = name.split('.')
  const entry = layer.variables.get(top)
  if (entry === undefined) return undefined
  if (steps.length === 0) return levelOf(name, entry, whose)
  let at: Entry = entry
  for (const [done, step] of steps.entries()) {
    if (at.node.kind !== 'map') return fromValue(name, at, steps.slice(done), whose, host)
    const inner = at.node.entries.get(step)
    if (inner === undefined) return undefined
    at = inner
  }
  return levelOf(name, at, whose)
}

/** Follows a path into the value of a template. */
function fromValue(name: string, entry: Entry, steps: readonly string[], whose: Whose, host: Host): Level | undefined {
  if (entry.node.kind !== 'scalar' || isEmpty(entry.node)) return undefined
  const value = steps.reduce<unknown>(
    (inside, step) => (isRecord(inside) && Object.hasOwn(inside, step) ? inside[step] : undefined),
    host.values.of(entry.node, host.name),
  )
  return value === undefined ? undefined : { ...whose, name, value, place: standsAt(entry) }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
