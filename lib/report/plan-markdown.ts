import type { RunEvent } from '../events.ts'
import { changesOf } from './changes.ts'
import { folded, hostsText } from './fold.ts'
import { markdownText } from './github.ts'
import { emptyProgress, take } from './run-progress.ts'
import { counted, oneLine } from './text/words.ts'

interface PlanHead {
  readonly facts: readonly (readonly [word: string, text: string])[]
  readonly cost: readonly string[]
  /** The command that applies the plan. */
  readonly apply: string
}

/** GitHub refuses comments of more than 65,536 characters. */
const MOST_LETTERS = 60_000

/** A plan in Markdown, for a comment on a pull request. Equal changes are one, and diffs are folded away. */
export function planMarkdown(events: readonly RunEvent[], { facts, cost, apply }: PlanHead): string {
  const tally = emptyProgress()
  for (const event of events) take(tally, event)
  const groups = changesOf(tally)
  const hosts = new Set(groups.flatMap((group) => group.hosts))
  const title =
    groups.length === 0
      ? `## ${markdownText(tally.playbook)}: nothing would change`
      : `## ${markdownText(tally.playbook)}: ${counted(groups.length, 'change')} on ${counted(hosts.size, 'host')}`
  const changes = groups.flatMap(({ resource, steps, hosts: on, diff }) => [
    `- **${markdownText(resource)}** ${markdownText(`${hostsText(on)}${steps === '' ? '' : `: ${steps}`}`)}`,
    ...(diff === undefined ? [] : ['', ...detailsOf(diff), '']),
  ])
  const unknowns = [...tally.hosts.values()].flatMap(({ unknowns: all }) => all)
  const unknown = [...new Map(unknowns.map((each) => [`${each.resource}\n${each.reason ?? ''}`, each])).values()].map(
    ({ resource, reason = '' }) => `- ${markdownText(resource)}: ${markdownText(oneLine(reason))}`,
  )
  const failed = folded(tally.problems).map(
    ({ message, host, role }) =>
      `- ${markdownText([role, host].filter((part) => part !== undefined).join(' on '))}: ${markdownText(message)}`,
  )
  const section = (name: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', `### ${name}`, '', ...lines]
  const head = [title, '', ...cost.map((line) => `${markdownText(line)}  `)]
  const body = [...section('Would change', changes), ...section('Unknown', unknown), ...section('Failed', failed)]
  const tail = [
    '',
    '<details><summary>The plan</summary>',
    '',
    ...facts.map(([word, text]) => `- ${word}: ${markdownText(text)}`),
    '',
    '</details>',
    '',
  ]
  const use = groups.length === 0 ? [] : ['', `\`${apply.replaceAll('`', '')}\``]
  const room = MOST_LETTERS - [...head, ...use, ...tail].join('\n').length
  return [...head, ...fitting(body, room), ...use, ...tail].join('\n')
}

function detailsOf(diff: string): string[] {
  // The fence is longer than every fence inside it.
  const fence = '`'.repeat(Math.max(3, ...[...diff.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)))
  return ['  <details><summary>diff</summary>', '', `${fence}diff`, diff.trimEnd(), fence, '', '  </details>']
}

/** As many whole lines as fit, and the number of those left out. */
function fitting(lines: readonly string[], room: number): string[] {
  let left = room - 100
  const at = lines.findIndex((line) => (left -= line.length + 1) < 0)
  return at < 0
    ? [...lines]
    : [...lines.slice(0, at), '', `and ${counted(lines.length - at, 'more line')}: rolecall plan show has them all`]
}
