import type { Draft } from '../graph/draft.ts'
import { addChild, groupIn } from '../graph/draft.ts'
import { addVariables, hostsWith } from '../variables/draft-vars.ts'
import { groupNameProblem, hostNames } from '../connections/host-name.ts'
import type { Report } from '../parse.ts'
import type { Entry, Source } from '../graph/tree.ts'
import { mapOf } from '../syntax/value-node.ts'
import { isTooDeep, MOST_LEVELS } from '../../text/levels.ts'

type Data = Readonly<Record<string, unknown>>

/** The answers of a program to `--list`, and to `--host` for each host when the first has no `_meta`. */
export interface Answers {
  readonly list: unknown
  readonly hosts?: ReadonlyMap<string, unknown>
}

/** Whether data is a map. */
export function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Reads a program's answer to `--list` into a draft: groups with `hosts`, `children` and `vars`, groups that are just a
 * list of hosts, and `_meta.hostvars`.
 */
export function readAnswers({ list, hosts }: Answers, source: Source, draft: Draft, report: Report): void {
  const place = source.place(0)
  if (!isData(list)) {
    return report({
      code: 'inventory',
      message: `${source.file} answers --list with no map`,
      place,
      expected: 'a JSON object',
    })
  }
  if ([list, ...(hosts?.values() ?? [])].some(isTooDeep)) {
    return report({
      code: 'inventory',
      message: `${source.file} answers with data that is nested too deeply`,
      place,
      expected: `at most ${MOST_LEVELS} levels of lists and maps`,
    })
  }
  const named = new Set<string>()
  for (const [name, said] of Object.entries(list)) {
    if (name !== '_meta') readGroup(name, said, { source, draft, report }, named)
  }
  const meta = isData(list['_meta']) && isData(list['_meta']['hostvars']) ? list['_meta']['hostvars'] : undefined
  for (const name of named) {
    const variables = hosts?.get(name) ?? (meta !== undefined && Object.hasOwn(meta, name) ? meta[name] : undefined)
    if (!isData(variables)) continue
    const { entries } = mapOf(variables, source, 0)
    hostsWith({ draft, report, source }, [name], { owner: name, variables: entries, offset: 0 })
  }
}

interface Reading {
  readonly source: Source
  readonly draft: Draft
  readonly report: Report
}

function readGroup(name: string, said: unknown, { source, draft, report }: Reading, named: Set<string>): void {
  const place = () => source.place(0)
  const wrong = groupNameProblem(name, place)
  if (wrong !== undefined) return report(wrong)
  groupIn(draft, name, place())
  const data = wholeGroup(name, said)
  if (data === undefined || !isDataOrNothing(data['vars']) || !isListOrNothing(data['children'])) {
    return report({
      code: 'inventory',
      message: `the group "${name}" of ${source.file} is not understood`,
      place: place(),
      expected: 'a list of hosts, or { "hosts": [...], "children": [...], "vars": {...} }',
    })
  }
  for (const host of listOf(data['hosts'])) {
    const { names } = hostNames(String(host), place, report)
    for (const each of names) named.add(each)
    hostsWith({ draft, report, source }, names, {
      group: name,
      owner: String(host),
      variables: new Map<string, Entry>(),
      offset: 0,
    })
  }
  if (data['vars'] !== undefined && isData(data['vars'])) {
    addVariables({ draft, report }, name, mapOf(data['vars'], source, 0).entries)
  }
  for (const child of listOf(data['children'])) {
    groupIn(draft, String(child), place())
    addChild(draft, name, String(child), place())
  }
}

/** A group in full form. A list stands for its hosts, and a map without `hosts`, `children` and `vars` for a host with variables. */
function wholeGroup(name: string, said: unknown): Data | undefined {
  if (Array.isArray(said)) return { hosts: said }
  if (!isData(said)) return undefined
  if (!['hosts', 'vars', 'children'].some((part) => Object.hasOwn(said, part))) return { hosts: [name], vars: said }
  return said['hosts'] === undefined || Array.isArray(said['hosts']) ? said : undefined
}

function isDataOrNothing(value: unknown): boolean {
  return value === undefined || isData(value)
}

function isListOrNothing(value: unknown): boolean {
  return value === undefined || Array.isArray(value)
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
