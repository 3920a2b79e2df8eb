import type { ResourceEvent } from '../events.ts'
import { hostsText } from './fold.ts'
import type { Paint } from './text/paint.ts'
import type { RunProgress } from './run-progress.ts'
import { cut, pad, width } from './text/width.ts'
import { counted, oneLine } from './text/words.ts'

/** The widest column for names, so that one long name does not take all the space. */
const WIDEST_NAME = 48

/** After such a word the name is kept, because it names something else: `create database app of app`. */
const BELONGS_TO_WHAT_FOLLOWS = /( (of|to|for|from|in|into|at|as|by|on|with|is)|:)$/

/**
 * Describes the steps of a resource. Leaves out the resource's own name, since it is shown beside them:
 * `file:/etc/motd: create`.
 */
export function stepsText({ resource, steps }: Pick<ResourceEvent, 'resource' | 'steps'>): string {
  const name = ` ${resource.slice(resource.indexOf(':') + 1)}`
  const short = (step: string) => {
    const rest = step.endsWith(name) ? step.slice(0, -name.length) : step
    return BELONGS_TO_WHAT_FOLLOWS.test(rest) ? step : rest
  }
  return steps.map((step) => oneLine(short(step))).join(', ')
}

export interface ChangeGroup {
  readonly resource: string
  readonly steps: string
  readonly hosts: string[]
  /** The diff on the first host. */
  readonly diff?: string
}

/** `all`, or `folded`: only changes that several hosts share, because the others were listed already. */
export type ChangesShown = 'all' | 'folded'

/** Every change by resource name. The same change on many hosts is one line. Lines are cut to the width of the screen. */
export function changesSection(
  tally: RunProgress,
  paint: Paint,
  { columns = Infinity, shown = 'all' }: { readonly columns?: number; readonly shown?: ChangesShown } = {},
): string[] {
  const all = changesOf(tally)
  const groups = shown === 'all' ? all : all.filter(({ hosts }) => hosts.length > 1)
  if (groups.length === 0) return []
  const column = Math.min(WIDEST_NAME, Math.max(...groups.map(({ resource }) => width(resource))))
  const lines = groups.map(({ resource, steps, hosts }) => {
    const where = hosts.length === tally.hosts.size && hosts.length > 1 ? `all ${hosts.length} hosts` : hostsText(hosts)
    const name = pad(columns === Infinity ? resource : cut(resource, column), column)
    return `  ${name}  ${paint.dim(cut(`${where}${steps === '' ? '' : `: ${steps}`}`, columns - width(name) - 5))}`
  })
  const rest = all.length - groups.length
  const single = rest === 0 ? [] : [paint.dim(`  and ${counted(rest, 'more', 'more')} on one host alone, listed above`)]
  return [paint.strong(tally.mode === 'check' ? 'Would change' : 'Changed'), ...lines, ...single]
}

/** Every change. The same change on many hosts is one. */
export function changesOf(tally: RunProgress): ChangeGroup[] {
  const groups = new Map<string, ChangeGroup>()
  for (const change of Array.from(tally.hosts.values(), ({ changes }) => changes).flat()) {
    const steps = stepsText(change)
    const key = `${change.resource}\n${steps}`
    const group: ChangeGroup = groups.get(key) ?? {
      resource: oneLine(change.resource),
      steps,
      hosts: [],
      ...(change.diff === undefined ? {} : { diff: change.diff }),
    }
    groups.set(key, group)
    if (!group.hosts.includes(change.host)) group.hosts.push(change.host)
  }
  return [...groups.values()]
}
