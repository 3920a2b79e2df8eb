import type { Problem } from '../errors.ts'
import { counted, listed } from './text/words.ts'

/** How many different outputs are shown. */
const MOST_OUTPUTS = 2

interface Group {
  readonly problem: Problem
  readonly hosts: string[]
  /** The different outputs with host names removed, each with the first host and its original output. */
  readonly outputs: Map<string, { readonly hosts: string[]; readonly output: string }>
}

/**
 * Folds the same problem of many hosts into one, even when texts differ in host names or numbers. Of different outputs, the first
 * two are kept.
 */
export function folded(problems: readonly Problem[]): Problem[] {
  const groups = new Map<string, Group>()
  for (const problem of problems) {
    const { host, output, ...what } = problem
    const key = comparable(JSON.stringify({ ...what, lastLine: undefined }), host)
    const group: Group = groups.get(key) ?? { problem, hosts: [], outputs: new Map() }
    groups.set(key, group)
    if (host !== undefined && !group.hosts.includes(host)) group.hosts.push(host)
    if (output === undefined || output.trim() === '') continue
    const said = comparable(output, host)
    const outputs = group.outputs.get(said) ?? { hosts: [], output }
    group.outputs.set(said, outputs)
    if (host !== undefined) outputs.hosts.push(host)
  }
  return Array.from(groups.values(), asOne)
}

/** Host names as text: `node-01`, or `36 hosts (node-01, node-02 and 34 more)`. */
export function hostsText(hosts: readonly string[]): string {
  return hosts.length < 4 ? hosts.join(', ') : `${counted(hosts.length, 'host')} (${listed(hosts, 4)})`
}

function asOne({ problem, hosts: found, outputs }: Group): Problem {
  if (found.length < 2) return problem
  // Sorted, because hosts fail in random order.
  const hosts = found.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const all = [...outputs.values()]
  const shown = all.slice(0, MOST_OUTPUTS).map((each) => {
    return all.length === 1 ? each.output : `on ${hostsText(each.hosts)}:\n${each.output.trimEnd()}`
  })
  const more = all.length > MOST_OUTPUTS ? [`and ${counted(all.length - MOST_OUTPUTS, 'other output')}`] : []
  const output = [...shown, ...more].join('\n')
  return { ...problem, host: hostsText(hosts), ...(output === '' ? {} : { output }) }
}

/** Replaces the host's name, and numbers such as process ids and seconds, so that equal problems have equal texts. */
function comparable(text: string, host: string | undefined): string {
  const nameless = host === undefined ? text : text.replaceAll(asWord(host), '\0')
  return nameless.replaceAll(/\d+/g, '0')
}

/** Matches a whole name only, not a part of a longer word. */
function asWord(name: string): RegExp {
  return new RegExp(`(?<![\\w-])${name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`, 'g')
}
