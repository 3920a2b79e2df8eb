import { hostsText } from '../fold.ts'
import { stoppedGroups } from '../next-steps.ts'
import type { RunProgress } from '../run-progress.ts'
import { markup, type Markup } from './markup.ts'

/** A section of the page: its anchor, its title, and the number of its entries. */
export interface Section {
  readonly id: string
  readonly title: string
  readonly count?: number | undefined
  readonly body: Markup | undefined
}

/** Links to the sections, because a page of a hundred hosts is long. */
export function contentsHtml(sections: readonly Section[]): Markup {
  const there = sections.filter(({ body }) => body !== undefined)
  const links = there.map(
    ({ id, title, count }) => markup`<li><a href="#${id}">${title}${count !== undefined && ` (${count})`}</a></li>`,
  )
  return markup`<nav aria-label="Sections">
    <ul>
      ${links}
    </ul>
  </nav>`
}

/** The steps that were running when the run was stopped. */
export function stoppedHtml(tally: RunProgress): Markup | undefined {
  const groups = stoppedGroups(tally)
  if (groups.length === 0) return undefined
  return markup`<section>
    <h2 id="stopped">Stopped</h2>
    ${groups.map(({ role, during, hosts }) => markup`<article data-s><strong>${during}</strong> <span class="dim">${role} on ${hostsText(hosts)}</span></article>`)}
  </section>`
}

/** The differences, each with the time since which it exists, and the resources that are as wanted again. */
export interface PageDrift {
  readonly rows: readonly DriftRow[]
  readonly settled: readonly string[]
}

export interface DriftRow {
  /** `new`, or the time of the first check that found the difference. */
  readonly since: string
  readonly hosts: string
  readonly resource: string
  readonly what: string
}

export function driftHtml({ rows, settled }: PageDrift): Markup {
  const lines = rows.map(
    ({ since, hosts, resource, what }) =>
      markup`<tr data-s><td>${since}</td><th scope="row">${resource}</th><td>${hosts}</td><td>${what}</td></tr>`,
  )
  return markup`<section>
    <h2 id="since">Since when</h2>
    ${rows.length === 0 ? markup`<p>Nothing differs.</p>` : markup`<div class="scroll" tabindex="0" role="region" aria-labelledby="since"><table><thead><tr><th scope="col">Since</th><th scope="col">Resource</th><th scope="col">Hosts</th><th scope="col">What differs</th></tr></thead><tbody>${lines}</tbody></table></div>`}
    ${settled.length > 0 && markup`<p>As wanted again since the last check:</p><ul>${settled.map((each) => markup`<li data-s>${each}</li>`)}</ul>`}
  </section>`
}
