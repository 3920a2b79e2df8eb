import type { Draft } from '../graph/draft.ts'
import { addChild, groupIn } from '../graph/draft.ts'
import { addVariables, hostsWith } from '../variables/draft-vars.ts'
import { groupNameProblem, hostNameProblem } from '../connections/host-name.ts'
import type { Report } from '../parse.ts'
import type { Entry, Source } from '../graph/tree.ts'
import { isJsonMap, memberOf, membersOf } from '../syntax/json-values.ts'
import type { JsonMap } from '../syntax/json-values.ts'
import { nodeOf } from '../syntax/value-node.ts'
import { isTooDeep, MOST_LEVELS } from '../../text/levels.ts'

/** The answers of a program to `--list`, and to `--host` for each host when the first has no `_meta`. */
export interface Answers {
  readonly list: unknown
  readonly hosts?: ReadonlyMap<string, unknown>
}

/**
 * Reads a program's answer to `--list` into a draft: groups with `hosts`, `children` and `vars`, groups that are just a
 * list of hosts, and `_meta.hostvars`.
 */
export function readAnswers({ list, hosts }: Answers, source: Source, draft: Draft, report: Report): void {
  const place = source.place(0)
  if (!isJsonMap(list)) {
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
  for (const [name, said] of membersOf(list)) {
    if (name !== '_meta') readGroup(name, said, { source, draft, report }, named)
  }
  const given = hostVarsIn(list)
  if (given !== undefined && given !== null && !isJsonMap(given)) {
    return report({
      code: 'inventory',
      message: `_meta.hostvars of ${source.file} is not a map`,
      place,
      expected: 'a map',
    })
  }
  for (const name of named) {
    const variables = hosts?.get(name) ?? (isJsonMap(given) ? memberOf(given, name) : undefined)
    if (variables === undefined) continue
    if (!isJsonMap(variables)) {
      report({
        code: 'inventory',
        message: `the variables of host "${name}" of ${source.file} are no map`,
        place,
        expected: 'a map, {} where there are none',
      })
      continue
    }
    const node = nodeOf(variables, source, 0)
    const entries = node.kind === 'map' ? node.entries : new Map<string, Entry>()
    hostsWith({ draft, report, source }, [name], { owner: name, variables: entries, offset: 0 })
  }
}

/** The variables of all hosts in `_meta`. As in Ansible, with anything but null there no host is asked for. */
export function hostVarsIn(list: JsonMap): unknown {
  const meta = memberOf(list, '_meta')
  return isJsonMap(meta) ? memberOf(meta, 'hostvars') : undefined
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
  const group = wholeGroup(name, said)
  if (group === undefined) {
    return report({
      code: 'inventory',
      message: `the group "${name}" of ${source.file} is not understood`,
      place: place(),
      expected: 'a list of hosts, or { "hosts": [...], "children": [...], "vars": {...} }, with names that are texts',
    })
  }
  for (const host of group.hosts) {
    const problem = hostNameProblem(host, place)
    if (problem !== undefined) {
      report(problem)
      continue
    }
    named.add(host)
    const said = { group: name, owner: host, variables: new Map<string, Entry>(), offset: 0 }
    hostsWith({ draft, report, source }, [host], said)
  }
  if (group.vars !== undefined) {
    const node = nodeOf(group.vars, source, 0)
    if (node.kind === 'map') addVariables({ draft, report }, name, node.entries)
  }
  for (const child of group.children) {
    groupIn(draft, child, place())
    addChild(draft, name, child, place())
  }
}

interface WholeGroup {
  readonly hosts: readonly string[]
  readonly children: readonly string[]
  readonly vars?: JsonMap
}

/** A group in full form. A list is its hosts, and a map without `hosts`, `children` and `vars` for a host with variables. */
function wholeGroup(name: string, said: unknown): WholeGroup | undefined {
  if (isTexts(said)) return { hosts: said, children: [] }
  if (!isJsonMap(said)) return undefined
  const [hosts, children, vars] = ['hosts', 'children', 'vars'].map((part) => memberOf(said, part))
  if (hosts === undefined && children === undefined && vars === undefined)
    return { hosts: [name], children: [], vars: said }
  if (!isTexts(hosts ?? []) || hosts === null || !isTexts(children ?? []) || children === null) return undefined
  if (vars !== undefined && !isJsonMap(vars)) return undefined
  return {
    hosts: textsOf(hosts),
    children: textsOf(children),
    ...(vars === undefined ? {} : { vars }),
  }
}

/** The names of the hosts that a group has. */
export function hostsIn(name: string, said: unknown): readonly string[] {
  return wholeGroup(name, said)?.hosts ?? []
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

function textsOf(value: unknown): readonly string[] {
  return isTexts(value) ? value : []
}
