import type { Place, Problem } from '../../errors.ts'
import { nearest } from '../../text/nearest.ts'
import { addChild, groupIn } from '../graph/draft.ts'
import type { Draft, GroupDraft } from '../graph/draft.ts'
import { addVariables, hostsWith } from '../variables/draft-vars.ts'
import { groupNameProblem, hostNames } from '../connections/host-name.ts'
import type { Report } from '../parse.ts'
import { describe, isEmpty, standsAt } from '../graph/tree.ts'
import type { Entry, MapNode, YamlNode } from '../graph/tree.ts'

const PARTS = ['children', 'hosts', 'vars']

/** Reads the groups of a YAML inventory: `all:` with `children:`, `hosts:` and `vars:` at any depth. */
export function readStructure(root: YamlNode, draft: Draft, report: Report): void {
  if (isEmpty(root)) return
  const groups = mapOf(root, 'the inventory', 'all: with hosts: or children: under it', report)
  for (const entry of groups?.entries.values() ?? []) {
    if (PARTS.includes(entry.key)) {
      report({
        code: 'inventory',
        message: `"${entry.key}" is at the top of the file, where only names of groups can be`,
        place: standsAt(entry),
        expected: `all: at the top, and ${entry.key}: under it`,
        hint: `write "all:" above and indent "${entry.key}:" under it`,
      })
    } else if (entry.node.kind === 'map' || isEmpty(entry.node)) {
      readGroup(entry, draft, report)
    } else {
      report.note({
        topic: 'no-group',
        name: `"${entry.key}"`,
        message: 'this is not a group, so it is ignored, as in Ansible',
        place: standsAt(entry),
        hint: 'a group is a map with hosts:, children: or vars:; variables stand under vars: of a group',
      })
    }
  }
}

function readGroup(entry: Entry, draft: Draft, report: Report): GroupDraft | undefined {
  const wrongName = noText('group', entry) ?? groupNameProblem(entry.key, () => standsAt(entry))
  if (wrongName !== undefined) {
    report(wrongName)
    return undefined
  }
  const group = groupIn(draft, entry.key, standsAt(entry))
  const parts = mapOf(entry.node, `group ${group.name}`, 'a map with hosts:, children: or vars:', report)
  for (const part of parts?.entries.values() ?? []) readPart(part, group, draft, report)
  return group
}

function readPart(part: Entry, group: GroupDraft, draft: Draft, report: Report): void {
  const what = `${part.key} of group ${group.name}`
  switch (part.key) {
    case 'children':
      for (const child of named(part.node, what, 'a map of groups', report)) {
        const below = readGroup(child, draft, report)
        if (below !== undefined) addChild(draft, group.name, below.name, standsAt(child))
      }
      return
    case 'hosts':
      for (const host of named(part.node, what, 'a map of hosts', report)) readHost(host, group, draft, report)
      return
    case 'vars':
      return addVariables({ draft, report }, group.name, mapOf(part.node, what, MAP, report)?.entries ?? new Map())
    default:
      return unknownPart(part, group, report)
  }
}

const MAP = 'a map: names with their values'

/** A typo in `hosts`, `children` or `vars` is reported, because it would lose hosts silently. Other keys are ignored, as by Ansible. */
function unknownPart(part: Entry, group: GroupDraft, report: Report): void {
  const near = nearest(part.key, PARTS)[0]
  const isHost = isEmpty(part.node) && near === undefined
  if (near !== undefined || isHost) {
    return report({
      code: 'inventory',
      message: `the key "${part.key}" is unknown in group ${group.name}`,
      place: standsAt(part),
      expected: 'children, hosts or vars',
      got: part.key,
      hint: near === undefined ? hintFor(part.key) : `did you mean "${near}"?`,
    })
  }
  report.note({
    topic: 'part',
    name: `"${part.key}" of group ${group.name}`,
    message: 'the key is unknown there, so it is ignored, as in Ansible',
    place: standsAt(part),
    hint: hintFor(part.key),
  })
}

function hintFor(key: string): string {
  return `if "${key}" is a host, put it under hosts:; if it is a group, under children:; if it is a variable, under vars:`
}

function readHost(entry: Entry, group: GroupDraft, draft: Draft, report: Report): void {
  const place = (): Place => standsAt(entry)
  const wrong = noText('host', entry)
  if (wrong !== undefined) return report(wrong)
  const { names, port } = hostNames(entry.key, place, report)
  if (names.length === 0) return
  const said = { group: group.name, owner: entry.key, offset: entry.offset, ...(port === undefined ? {} : { port }) }
  const variables = mapOf(entry.node, `the variables of host ${entry.key}`, MAP, report, 'vars')?.entries ?? new Map()
  hostsWith({ draft, report, source: entry.source }, names, { ...said, variables })
}

/** Ansible reads no inventory with such a name, since `no` and `010` are other things to YAML than what is written. */
function noText(what: 'host' | 'group', entry: Entry): Problem | undefined {
  if (entry.typed === undefined) return undefined
  return {
    code: 'inventory',
    message: `${entry.key} cannot be the name of a ${what}: YAML does not read it as text`,
    place: standsAt(entry),
    expected: 'a text',
    hint: `put it in quotes: "${entry.key}"`,
  }
}

/** The entries of a map of groups or hosts. As in Ansible, a plain text is one name. */
function named(node: YamlNode, what: string, expected: string, report: Report): Iterable<Entry> {
  if (node.kind === 'scalar' && typeof node.value === 'string' && !/\s/.test(node.value)) {
    const { value: key, source, offset } = node
    return [{ key, source, offset, node: { kind: 'scalar', value: null, source, offset } }]
  }
  return mapOf(node, what, expected, report)?.entries.values() ?? []
}

/** The node as a map. Null counts as an empty map. */
function mapOf(
  node: YamlNode,
  what: string,
  expected: string,
  report: Report,
  code: 'inventory' | 'vars' = 'inventory',
): MapNode | undefined {
  if (node.kind === 'map') return node
  if (isEmpty(node) || (code === 'vars' && isHollow(node))) return undefined
  report({
    code,
    message: `${what} ${/^(?:hosts|children|vars|the variables)/.test(what) ? 'are' : 'is'} not a map`,
    place: standsAt(node),
    expected,
    got: describe(node),
    hint: code === 'vars' ? 'write "name: value" under it' : example(node),
  })
  return undefined
}

/** Whether a node is an empty text or list, which Ansible accepts in place of variables. */
function isHollow(node: YamlNode): boolean {
  return node.kind === 'list' ? node.items.length === 0 : node.kind === 'scalar' && node.value === ''
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
