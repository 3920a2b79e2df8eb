import type { Die } from '../support/die.ts'

/** An inventory of several sources as files, and patterns to try on it. */
export interface RandomCase {
  readonly files: Readonly<Record<string, string>>
  /** Relative to the files, or hosts with commas. */
  readonly sources: readonly string[]
  readonly patterns: readonly string[]
  /** Whether the variables beside the playbook, in `play/`, count. */
  readonly hasPlay: boolean
}

interface Graph {
  readonly groups: readonly string[]
  readonly hosts: readonly string[]
}

const GROUPS = ['web', 'db', 'site', 'eu-west', 'prod', 'a', 'z9', 'app.blue', 'shared', 'web2', 'cache'] as const
const HOSTS = [
  'h1',
  'h2',
  'h3',
  'web01',
  'web02',
  'db-1.example.com',
  '10.0.0.7',
  'shared',
  'node_x',
  'zz',
  'localhost',
] as const
const RANGES = ['n[1:3]', 'n[01:03]', 'r-[a:c].x', 'k[:2]', 'm[0:9:4]'] as const
const MEMBERS: readonly string[] = ['n1', 'n2', 'n03', 'r-a.x', 'k0', 'k2', 'm4', 'm8']
const NAMES = ['x', 'y', 'port', 'note', 'deep', 'list'] as const
const INI = [
  '80',
  '0644',
  "'quoted'",
  '"two words"',
  'True',
  'yes',
  '[1, 2]',
  "{'a': 1, 'b': [None]}",
  '1.5',
  '1e3',
  'None',
  '10.0.0.1',
  '(1, 2)',
  '-5',
  '0x1F',
  '1_000',
  "''",
  'plain text',
  '{{ other }}',
  '1,2',
  'a=b',
  '"\\x41\\n"',
  '08',
  '-',
  '~',
  "r'a\\b'",
  '80 # of all',
  'C:\\dir',
  '[1, ]',
  '+7',
  '.5',
  '5.',
  "'a' 'b'",
  '12345678901234567890',
  '1e400',
  '-(1)',
  "{10: 'a', 20: 2.0}",
] as const
const YAML = [
  'yes',
  '0644',
  '1_000',
  '22:22',
  '1e3',
  '1.5e+3',
  '~',
  '"q"',
  'No',
  'on',
  '0x1F',
  '0b11',
  '08',
  '2024-01-01',
  '.5',
  '[1, no]',
  '{ a: yes }',
  '1.10',
  'null',
  "'x'",
  '!unsafe "{{ x }}"',
  '"{{ other }}"',
  'text',
  '-5',
  '+5',
  '1.',
  '',
  '0',
  '00',
  'TRUE',
  'y',
  '!!str 5',
  '1:30:05',
  '|\n      block\n',
  '1.0',
  '.inf',
  '2024-01-01T10:20:30.5Z',
  '2024-1-1 1:20:30 +2',
  '12345678901234567890',
  '0xFFFFFFFFFFFFFFFFFF',
  '{ 10: a, 0x1F: b, 0644: c }',
  '{ yes: a }',
  '{ ~: a }',
  '[!unsafe "{{ x }}", 1e5]',
] as const

const JSON_VALUES = [
  '7',
  '1.0',
  '1.5e3',
  '1E3',
  '"yes"',
  '12345678901234567890',
  '{"__ansible_unsafe": "{{ x }}"}',
] as const

/** An inventory that Ansible reads, made by a die. */
export function randomCase(die: Die): RandomCase {
  const files: Record<string, string> = {}
  const sources: string[] = []
  const graph: Graph = { groups: some(die, GROUPS, 2 + die.below(7)), hosts: some(die, HOSTS, 2 + die.below(7)) }
  for (let at = 0, count = 1 + die.below(3); at < count; at++) {
    if (die.falls(7)) sources.push(`${some(die, HOSTS, 2).join(',')},`)
    else if (die.falls(3)) sources.push(directory(`d${at}`, files, graph, die))
    else {
      const name = `s${at}/${die.oneOf(['hosts', 'hosts.ini', 'hosts.yml', 'inv.json'])}`
      files[name] = source(name, graph, die)
      addVars(`s${at}`, files, graph, die)
      sources.push(name)
    }
  }
  const hasPlay = die.falls(2)
  if (hasPlay) addVars('play', files, graph, die)
  return { files, sources, patterns: patterns(graph, die), hasPlay }
}

function directory(name: string, files: Record<string, string>, graph: Graph, die: Die): string {
  for (const inner of some(
    die,
    ['10-a', '20-b.yml', '30-c.json', 'hosts', 'sub/more', 'z.yaml'] as const,
    1 + die.below(3),
  ))
    files[`${name}/${inner}`] = source(inner, graph, die)
  for (const inner of ['notes.md', 'old.bak', '.hidden', 'x.cfg', 'y.retry', 'hosts.ini']) {
    if (die.falls(4)) files[`${name}/${inner}`] = 'left-out\n'
  }
  addVars(name, files, graph, die)
  return name
}

function addVars(directoryName: string, files: Record<string, string>, { groups, hosts }: Graph, die: Die): void {
  for (const [kind, owners] of [
    ['group_vars', [...groups, 'all', 'ungrouped', 'nobody']],
    ['host_vars', [...hosts, ...MEMBERS, 'nowhere']],
  ] as const) {
    for (const owner of owners) {
      if (!die.falls(5)) continue
      const file = die.oneOf(['', '.yml', '.yaml', '.json', '/main.yml', '/more/x', '/notes.md'])
      files[`${directoryName}/${kind}/${owner}${file}`] =
        file === '.json' ? `{"${die.oneOf(NAMES)}": ${die.oneOf(JSON_VALUES)}}` : yamlVars(die, '')
    }
  }
}

function source(name: string, graph: Graph, die: Die): string {
  if (name.endsWith('.json')) return json(graph, die)
  return name.endsWith('.yml') || name.endsWith('.yaml') || (!name.endsWith('.ini') && die.falls(3))
    ? yaml(graph, die)
    : ini(graph, die)
}

/** Pairs of a group and one that may be its child: later groups only, so that there is no circle. */
function edges({ groups }: Graph, die: Die): [string, string][] {
  return groups.flatMap((parent, at) =>
    groups.slice(at + 1).flatMap((child): [string, string][] => (die.falls(4) ? [[parent, child]] : [])),
  )
}

function ini(graph: Graph, die: Die): string {
  const lines: string[] = ['# hosts']
  const host = (word: string) =>
    `${word}${die.falls(9) && !word.includes('[') ? ':2222' : ''}${iniHostVars(die)}${die.falls(9) ? '  # a comment' : ''}`
  for (const word of some(die, graph.hosts, die.below(3))) lines.push(host(word))
  const between = edges(graph, die)
  const sections = graph.groups.flatMap((group): string[] => {
    const own = [...some(die, graph.hosts, die.below(4)), ...(die.falls(5) ? [die.oneOf(RANGES)] : [])]
    const children = between.filter(([parent]) => parent === group).map(([, child]) => child)
    return [
      ...(own.length > 0 || die.falls(2) ? [`[${group}]\n${own.map(host).join('\n')}`] : [`[${group}]`]),
      ...(children.length > 0 ? [`[${group}:children]\n${children.join('\n')}`] : []),
      ...(die.falls(3) ? [`[${group}:vars]\n${iniVars(die)}`] : []),
    ]
  })
  if (die.falls(4)) sections.push(`[all:vars]\n${iniVars(die)}`)
  if (die.falls(8)) sections.push(`[all]\n${host(die.oneOf(HOSTS))}`)
  return `${[...lines, ...some(die, sections, sections.length)].join('\n')}\n`
}

function iniHostVars(die: Die): string {
  if (!die.falls(3)) return ''
  const value = die.oneOf(INI)
  return ` ${die.oneOf(NAMES)}=${/^[\w.]+$/.test(value) ? value : `'${value.replaceAll("'", `'"'"'`)}'`}`
}

function iniVars(die: Die): string {
  const lines = Array.from(
    { length: 1 + die.below(3) },
    () => `${die.oneOf(NAMES)}${die.falls(3) ? ' = ' : '='}${die.oneOf(INI)}`,
  )
  return [...lines, ...(die.falls(4) ? [`ansible_group_priority=${die.below(20)}`] : [])].join('\n')
}

function yaml(graph: Graph, die: Die): string {
  const lines = die.falls(3) ? ['---'] : []
  if (die.falls(2)) {
    lines.push('all:', ...yamlHosts(die, graph, '  '))
    if (die.falls(3)) lines.push('  vars:', yamlVars(die, '    '))
  }
  const between = edges(graph, die)
  for (const group of graph.groups) {
    lines.push(`${group}:`)
    const children = between.filter(([parent]) => parent === group).map(([, child]) => child)
    const parts = [
      yamlHosts(die, graph, '  '),
      children.length === 0 ? [] : ['  children:', ...children.map((child) => `    ${child}:`)],
      die.falls(3) ? ['  vars:', yamlVars(die, '    ', true)] : [],
    ]
    lines.push(...some(die, parts, parts.length).flat())
  }
  return `${lines.join('\n')}\n`
}

function yamlHosts(die: Die, graph: Graph, indent: string): string[] {
  const own = [...some(die, graph.hosts, die.below(4)), ...(die.falls(5) ? [die.oneOf(RANGES)] : [])]
  if (own.length === 0) return []
  return [
    `${indent}hosts:`,
    ...own.flatMap((word) => [`${indent}  ${word}:`, ...(die.falls(3) ? [yamlVars(die, `${indent}    `)] : [])]),
  ]
}

function yamlVars(die: Die, indent: string, isGroup = false): string {
  const names = some(die, NAMES, 1 + die.below(3))
  const lines = names.map(
    (name) => `${indent}${name}: ${die.oneOf(YAML).replaceAll('\n      ', `\n${indent}  `).trimEnd()}`,
  )
  return `${[...lines, ...(isGroup && die.falls(3) ? [`${indent}ansible_group_priority: ${die.below(20)}`] : [])].join('\n')}\n`
}

function json(graph: Graph, die: Die): string {
  const between = edges(graph, die)
  return JSON.stringify(
    Object.fromEntries(
      graph.groups.map((group) => [
        group,
        {
          hosts: Object.fromEntries(
            some(die, graph.hosts, die.below(3)).map((host) => [
              host,
              die.falls(2) ? { x: die.below(5), list: [true] } : {},
            ]),
          ),
          children: Object.fromEntries(between.filter(([parent]) => parent === group).map(([, child]) => [child, {}])),
          vars: die.falls(2) ? { y: 'from json', deep: { a: null } } : {},
        },
      ]),
    ),
  )
}

function patterns(graph: Graph, die: Die): string[] {
  const all: string[] = []
  for (let at = 0; at < 12; at++) {
    const terms = Array.from({ length: 1 + die.below(3) }, () => term(graph, die))
    const parts = terms.map((each) => `${die.oneOf(['', '', '', '&', '!'])}${each}`)
    all.push(parts.join(die.falls(2) ? ',' : ':'), ...parts, ...terms)
  }
  return [...new Set(all)]
}

function term({ groups, hosts }: Graph, die: Die): string {
  const name = die.falls(2) ? (groups[die.below(groups.length)] ?? 'all') : (hosts[die.below(hosts.length)] ?? 'all')
  const group = groups[die.below(groups.length)] ?? 'all'
  return die.oneOf([
    name,
    name,
    group,
    'all',
    '*',
    `${name.slice(0, 2)}*`,
    `*${name.slice(-1)}`,
    `${name.slice(0, -1)}?`,
    `${name.slice(0, -1)}[${name.slice(-1)}z]`,
    `${name.slice(0, -1)}[!q]`,
    `${name.slice(0, -1)}[^${name.slice(-1)}]`,
    `~${name.slice(0, 1)}`,
    `~(?i)${name.toUpperCase()}`,
    `~.*(?P<last>[${name.slice(-1)}])$`,
    `~[]${name.slice(0, 1)}]`,
    `${group}[0]`,
    `${group}[-1]`,
    `${group}[0:1]`,
    `${group}[1:]`,
    `${group}[0-1]`,
    `${group}[1:0]`,
    `all[${die.below(4)}]`,
    `all[1:${die.below(4)}]`,
    `${group.slice(0, 1)}*[0]`,
    'ungrouped',
    'localhost',
    'a*',
    'un*',
  ])
}

/** So many of them in an order of their own. */
function some<T>(die: Die, from: readonly T[], count: number): T[] {
  const rest = [...from]
  const chosen: T[] = []
  while (chosen.length < count && rest.length > 0) chosen.push(...rest.splice(die.below(rest.length), 1))
  return chosen
}
