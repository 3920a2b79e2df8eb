import { RolecallError } from '../../errors.ts'
import type { Problem } from '../../errors.ts'
import { connectionOf } from './connection.ts'
import type { Connection, Settings } from './connection.ts'
import { isTemplate } from '../variables/doubts.ts'
import type { Host } from '../inventory.ts'
import type { Layer } from '../variables/layer.ts'
import { readEvaluated } from './settings.ts'
import type { Entry } from '../graph/tree.ts'
import type { Values } from '../variables/values.ts'

type Reached = Omit<Host, 'connection'>

/** The effective settings, and those that are still templates. */
interface Won {
  readonly settings: Partial<Settings>
  readonly templates: ReadonlyMap<keyof Settings, Entry>
}

/** A host with its connection, which is computed at the first use. */
export function connectionWith(host: Reached, values: Values): Host {
  let connection: Connection | undefined
  return {
    ...host,
    get connection() {
      connection ??= madeFor(host, values)
      return connection
    },
  }
}

function madeFor(host: Reached, values: Values): Connection {
  const { settings, templates: open } = winners(host.layers)
  if (open.size === 0) return connectionOf(host.name, settings)
  const evaluated = { ...settings }
  const problems: Problem[] = []
  const report = Object.assign((problem: Problem) => void problems.push({ ...problem, host: host.name }), {
    note: () => undefined,
  })
  for (const entry of open.values()) readEvaluated(valued(entry, host, values), evaluated, report)
  if (problems.length > 0) throw new RolecallError(problems)
  return connectionOf(host.name, evaluated)
}

function valued(entry: Entry, host: Reached, values: Values): Entry {
  const { node } = entry
  if (node.kind !== 'scalar' || !isTemplate(node)) return entry
  return { ...entry, node: { ...node, value: values.scalar(node, host.name) } }
}

function winners(layers: readonly Layer[]): Won {
  const settings: Partial<Settings> = {}
  const templates = new Map<keyof Settings, Entry>()
  for (const layer of layers) {
    for (const name of Object.keys(layer.settings)) if (isSetting(name, layer.settings)) templates.delete(name)
    Object.assign(settings, layer.settings)
    for (const [name, entry] of layer.templates) templates.set(name, entry)
  }
  return { settings, templates }
}

function isSetting(name: string, settings: Partial<Settings>): name is keyof Settings {
  return Object.hasOwn(settings, name)
}
