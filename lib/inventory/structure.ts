import { groupIn, hostIn } from './draft.ts'
import type { Draft, GroupDraft } from './draft.ts'
import { groupNameProblem, hostNames } from './host-name.ts'
import { readLayer } from './layer.ts'
import { nearest } from '../text/nearest.ts'
import type { Report } from './parse.ts'
import { describe, isEmpty, standsAt } from './tree.ts'
import type { Entry, MapNode, YamlNode } from './tree.ts'

const PARTS = ['children', 'hosts', 'vars']

/** Reads the tree of groups of a hosts.yml: `all:` with `children:`, `hosts:` and `vars:` at any depth. */
export function readStructure(root: YamlNode, draft: Draft, report: Report): void {
  if (isEmpty(root)) {
    return report({
      code: 'inventory',
      message: 'the inventory file is empty',
      place: standsAt(root),
      expected: 'all: with hosts: or children: under it',
      got: 'nothing',
    })
  }
  const groups = mapOf(root, 'the inventory', 'all: with hosts: or children: under it', report)
  for (const entry of groups?.entries.values() ?? []) {
    if (PARTS.includes(entry.key)) {
      report({
        code: 'inventory',
        message: `"${entry.key}" stands at the top of the file, where the names of groups stand`,
        place: standsAt(entry),
        expected: `all: at the top, and ${entry.key}: under it`,
        hint: `write "all:" above and indent "${entry.key}:" under it`,
      })
    } else {
      readGroup(entry, undefined, draft, report)
    }
  }
}

function readGroup(entry: Entry, parent: GroupDraft | undefined, draft: Draft, report: Report): void {
  const wrongName = groupNameProblem(entry)
  if (wrongName !== undefined) return report(wrongName)
  const group = groupIn(draft, entry.key, standsAt(entry))
  const above = parent ?? (entry.key === 'all' ? undefined : groupIn(draft, 'all'))
  if (above !== undefined) {
    group.parents.add(above.name)
    if (!above.children.has(group.name)) above.children.set(group.name, standsAt(entry))
  }
  const parts = mapOf(entry.node, `group ${group.name}`, 'a map with hosts:, children: or vars:', report)
  for (const part of parts?.entries.values() ?? []) readPart(part, group, draft, report)
}

function readPart(part: Entry, group: GroupDraft, draft: Draft, report: Report): void {
  const what = `${part.key} of group ${group.name}`
  switch (part.key) {
    case 'children':
      for (const child of mapOf(part.node, what, 'a map of groups', report)?.entries.values() ?? []) {
        readGroup(child, group, draft, report)
      }
      return
    case 'hosts':
      for (const host of mapOf(part.node, what, 'a map of hosts', report)?.entries.values() ?? []) {
        readHost(host, group, draft, report)
      }
      return
    case 'vars': {
      const layer = readLayer(part.node, { rank: 'group', owner: group.name }, report)
      group.layers.push(layer)
      draft.layers.push(layer)
      return
    }
    default:
      report({
        code: 'inventory',
        message: `the key "${part.key}" is unknown in group ${group.name}`,
        place: standsAt(part),
        expected: 'children, hosts or vars',
        got: part.key,
        hint: hintFor(part.key),
      })
  }
}

function hintFor(key: string): string {
  const near = nearest(key, PARTS)[0]
  if (near !== undefined) return `did you mean "${near}"?`
  return `if "${key}" is a host, put it under hosts:; if it is a group, under children:; if it is a variable, under vars:`
}

function readHost(entry: Entry, group: GroupDraft, draft: Draft, report: Report): void {
  const names = hostNames(entry, report)
  const [first] = names
  if (first === undefined) return
  const layers = isEmpty(entry.node) ? [] : [readLayer(entry.node, { rank: 'host', owner: entry.key }, report)]
  draft.layers.push(...layers)
  const place = standsAt(entry)
  for (const name of names) {
    const host = hostIn(draft, name, place)
    host.groups.add(group.name)
    host.layers.push(...layers)
  }
}

/** The map that a node should be; nothing at all is an empty one. */
function mapOf(node: YamlNode, what: string, expected: string, report: Report): MapNode | undefined {
  if (node.kind === 'map') return node
  if (isEmpty(node)) return undefined
  report({
    code: 'inventory',
    message: `${what} ${what.startsWith('hosts') || what.startsWith('children') ? 'are' : 'is'} not a map`,
    place: standsAt(node),
    expected,
    got: describe(node),
    hint: example(node),
  })
  return undefined
}

function example(node: YamlNode): string {
  const first = node.kind === 'list' ? node.items[0] : node
  const name = first === undefined ? 'NAME' : firstWord(first)
  return node.kind === 'list'
    ? `write "${name}:" instead of "- ${name}", and so on`
    : `write "${name}:", with a colon, on a line of its own`
}

function firstWord(node: YamlNode): string {
  const text =
    node.kind === 'scalar' ? String(node.value) : node.kind === 'map' ? node.entries.keys().next().value : undefined
  return text?.split(/\s/)[0] ?? 'NAME'
}
