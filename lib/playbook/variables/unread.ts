import type { Place } from '../../errors.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import { levelName } from '../../inventory/variables/level.ts'
import type { Note } from '../../inventory/graph/notes.ts'
import { isSettingName } from '../../inventory/connections/settings.ts'
import { standsAt, type YamlNode } from '../../inventory/graph/tree.ts'
import { namesIn } from '../../template/names.ts'
import { templateText } from '../../inventory/variables/values.ts'
import { nearest } from '../../text/nearest.ts'
import type { Playbook } from '../playbook.ts'
import { readerOf, sharedReader, type Reader } from '../reader.ts'
import { markOf } from './sources.ts'
import { useOf } from './vars.ts'

/** A top-level variable that nothing reads, at one place where it is set. */
interface Unread {
  readonly name: string
  /** In words: `group web`, `host node-01`, `-e`. */
  readonly level: string
  readonly place: Place
}

/**
 * Variables of the inventory that no role of these playbooks reads, that are not shared variables, and that no template of a variable in use names.
 * In the order of the inventory.
 */
export function unreadVariables(inventory: Inventory, playbooks: readonly Playbook[]): Unread[] {
  const read = readNames(inventory, playbooks)
  return inventory.layers.flatMap((layer) =>
    Array.from(layer.variables.values())
      .filter(({ key }) => !isSettingName(key) && !read.has(key))
      .map((entry) => ({ name: entry.key, level: levelName(layer), place: standsAt(entry) })),
  )
}

/**
 * Likely typos: unread names that are close to a name that is read but not set, such as a role's name with variables under it. They may be intended,
 * so this is only a note.
 *
 * @param given names from the command line of this run: each unread one is reported
 */
export function likelyTypos(inventory: Inventory, playbook: Playbook, given: readonly string[] = []): Note[] {
  const readers = readersOf([playbook])
  const roles = new Map(
    readers.flatMap((reader) => (reader.role === undefined ? [] : [[reader.role, reader] as const])),
  )
  const flat = new Set(readers.flatMap(flatNamesOf))
  const set = new Set(inventory.layers.flatMap(({ variables }) => [...variables.keys()]))
  const missing = [...flat].filter((name) => !set.has(name))
  const seen = new Set<string>()
  const read = readNames(inventory, [playbook])
  return inventory.layers.flatMap((layer) =>
    Array.from(layer.variables.values()).flatMap((entry): Note[] => {
      const { key, node } = entry
      if (seen.has(key) || read.has(key) || isSettingName(key)) return []
      seen.add(key)
      const [role] =
        node.kind === 'map'
          ? nearest(
              key,
              [...roles.keys()].filter((name) => !set.has(name)),
            )
          : []
      const [variable] = role === undefined ? nearest(key, missing) : []
      const isRole = role !== undefined && node.kind === 'map' && holdsVariablesOf(node, roles.get(role))
      const meant = isRole ? role : variable
      if (meant === undefined && given.includes(key)) {
        const owners = Array.from(roles).flatMap(([name, { schema }]) =>
          key in schema.shape ? [`${name}.${key}`] : [],
        )
        const hint =
          owners.length > 0
            ? `variables of roles have the role's name before them: ${owners.join(' or ')}`
            : `rolecall list roles ${playbook.name} names the roles of the playbook`
        return [{ message: `nothing in playbook ${playbook.name} reads "${key}"`, place: standsAt(entry), hint }]
      }
      if (meant === undefined) return []
      const what = isRole ? `role ${meant} has no variables in the inventory` : `the variable ${meant} is set nowhere`
      return [
        { message: `nothing reads "${key}", and ${what}`, place: standsAt(entry), hint: `did you mean "${meant}"?` },
      ]
    }),
  )
}

function holdsVariablesOf(node: YamlNode & { readonly kind: 'map' }, reader: Reader | undefined): boolean {
  return reader !== undefined && [...node.entries.keys()].some((key) => key in reader.schema.shape)
}

function readersOf(playbooks: readonly Playbook[]): Reader[] {
  return playbooks.flatMap(({ plays, shared = [] }) => [
    ...shared.map(sharedReader),
    ...plays.flatMap(({ roles }) =>
      roles
        .map(useOf)
        .flatMap(({ role, computed }) => [
          readerOf(role),
          ...(computed === undefined ? [] : [sharedReader(computed.shared)]),
        ]),
    ),
  ])
}

function flatNamesOf(reader: Reader): string[] {
  return Object.keys(reader.schema.shape).flatMap((variable) =>
    reader.flat(variable).map((name) => name.split('.')[0] ?? name),
  )
}

/** The top-level names that roles read, and those that the templates of their values name in turn. */
function readNames(inventory: Inventory, playbooks: readonly Playbook[]): ReadonlySet<string> {
  const readers = readersOf(playbooks)
  const read = new Set([
    ...readers.flatMap(flatNamesOf),
    ...readers.flatMap(({ role }) => role ?? []),
    ...usedIn(playbooks),
  ])
  const values = new Map<string, YamlNode[]>()
  for (const { variables } of inventory.layers) {
    for (const { key, node } of variables.values()) {
      values.set(key, [...(values.get(key) ?? []), node])
      if (isSettingName(key)) read.add(key)
    }
  }
  const open = [...read]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const found of (values.get(name) ?? []).flatMap(namesOfTemplates)) {
      if (read.has(found)) continue
      read.add(found)
      open.push(found)
    }
  }
  return read
}

/** Shared variables that `using` gives as values. */
function usedIn(playbooks: readonly Playbook[]): string[] {
  return playbooks.flatMap(({ plays }) =>
    plays.flatMap(({ roles }) =>
      roles.map(useOf).flatMap(({ vars }) => Object.values(vars).flatMap((value) => markOf(value).flat ?? [])),
    ),
  )
}

function namesOfTemplates(node: YamlNode): string[] {
  switch (node.kind) {
    case 'scalar': {
      const text = templateText(node)
      return text === undefined ? [] : namesIn(text)
    }
    case 'list':
      return node.items.flatMap(namesOfTemplates)
    case 'map':
      return Array.from(node.entries.values()).flatMap((entry) => namesOfTemplates(entry.node))
  }
}
