import type { ResourceEvent, RunEvent } from '../../events.ts'
import { stepsText } from '../changes.ts'
import { hostsText } from '../fold.ts'
import type { RunProgress } from '../run-progress.ts'
import { markup, type Markup } from './markup.ts'
import type { ChangeRow } from './script.ts'

/** Changes with equal text and diff. */
interface ChangeGroup {
  readonly change: ResourceEvent
  readonly hosts: string[]
}

/** The changes of a run, those on most hosts first. Changes with equal text and diff are joined, with all their hosts. */
export function changeGroups(tally: RunProgress): ChangeGroup[] {
  const groups = new Map<string, ChangeGroup>()
  for (const change of Array.from(tally.hosts.values(), ({ changes }) => changes).flat()) {
    const key = JSON.stringify([change.resource, change.steps, change.diff])
    const group = groups.get(key) ?? { change, hosts: [] }
    groups.set(key, group)
    if (!group.hosts.includes(change.host)) group.hosts.push(change.host)
  }
  return [...groups.values()].sort((a, b) => b.hosts.length - a.hosts.length)
}

/** The approximate number of characters of the markup. */
export function lengthOf(groups: readonly ChangeGroup[]): number {
  return groups.reduce((sum, { change, hosts }) => {
    const { resource, steps, diff = '' } = change
    const names = hosts.length > 3 ? hosts.join().length : 0
    return sum + 200 + resource.length + steps.join().length + diff.length + names
  }, 0)
}

/** The data of each group for the page's script. */
export function changeRows(groups: readonly ChangeGroup[], events: readonly RunEvent[]): ChangeRow[] {
  const lines = new Map(events.map((event, line) => [event, line]))
  return groups.map(({ change, hosts }) => {
    const line = change.diff === undefined ? undefined : lines.get(change)
    return {
      resource: change.resource,
      steps: stepsText(change),
      where: whereText(change, hosts),
      ...(hosts.length > 3 ? { hosts: hosts.join(', ') } : {}),
      ...(line === undefined ? {} : { line }),
    }
  })
}

/** The section for a long list: data instead of markup, which cannot be read without JavaScript. */
export function listHtml(title: string, rows: string): Markup {
  return markup`<section>
    <h2 id="changes">${title}</h2>
    <div id="list" data-rows="${rows}"><p>This part is compressed, and needs JavaScript: rolecall runs show prints it.</p></div>
    <p id="more" hidden><span id="left" role="status"></span> <button id="some" type="button">Show 200 more</button> <button id="every" type="button">Show all</button></p>
  </section>`
}

export function changesHtml(title: string, groups: readonly ChangeGroup[]): Markup {
  const items = groups.map(({ change, hosts }) => {
    const head = markup`<strong>${change.resource}</strong> <span class="change">${stepsText(change)}</span>
        <span class="dim">${whereText(change, hosts)}</span>`
    const more = hosts.length > 3 && markup`<p class="dim">${hosts.join(', ')}</p>`
    return change.diff === undefined && more === false
      ? markup`<article data-s>${head}</article>`
      : markup`<article data-s>
            <details>
              <summary>${head}</summary>
              ${more}${change.diff !== undefined && diffHtml(change.diff)}
            </details>
          </article>`
  })
  return markup`<section>
    <h2 id="changes">${title}</h2>
    ${items}
  </section>`
}

function whereText({ role, reason }: ResourceEvent, hosts: readonly string[]): string {
  return `${role} on ${hostsText(hosts)}${reason === undefined ? '' : `, ${reason}`}`
}

function diffHtml(diff: string): Markup {
  const lines = diff
    .trimEnd()
    .split('\n')
    .map((line) => {
      const kind =
        line.startsWith('+') && !line.startsWith('+++')
          ? 'add'
          : line.startsWith('-') && !line.startsWith('---')
            ? 'del'
            : undefined
      return kind === undefined
        ? markup`<span class="same">${line}</span>`
        : markup`<span class="${kind}">${line}</span>`
    })
  return markup`<pre>${lines}</pre>`
}
