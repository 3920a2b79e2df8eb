import { createHash } from 'node:crypto'
import type { RunEvent } from '../../events.ts'
import { emptyProgress, take, type HostProgress, type RunProgress } from '../run-progress.ts'
import { differences } from './compare.ts'
import { contentsHtml, driftHtml, stoppedHtml, type PageDrift, type Section } from './contents.ts'
import { markup, Markup } from './markup.ts'
import { changeGroups, changeRows, changesHtml, lengthOf, listHtml } from './changes-section.ts'
import { packed, packedEvents } from './packed.ts'
import { SCRIPT } from './script.ts'
import { failureSection, gridSection, timelineSection, unknownSection } from './sections.ts'
import { STYLE } from './style.ts'
import { timelineOf } from './timeline.ts'

/** The parts of a page that are not in the events. All texts have passed the gate. */
export interface PageHead {
  readonly run: string
  /** Labels with their texts: who, when, command, commit. */
  readonly facts: readonly (readonly [word: string, text: string])[]
  /** How the run ended, in a sentence. */
  readonly end: string
  readonly ok: boolean
  /** The command that continues the run, when something is left to do. */
  readonly resume?: string
  /** For a check that is compared with earlier ones: the differences, and since when they exist. */
  readonly drift?: PageDrift
}

/** The previous run of the same playbook. */
export interface RunBefore {
  readonly run: string
  readonly events: readonly RunEvent[]
}

/**
 * Makes one HTML file of a run. The file loads nothing from elsewhere, follows the reader's light or dark scheme, can be printed, and contains the events.
 * Output of hosts and roles is always escaped, and the page allows only its own script, by its hash.
 */
export function reportPage(head: PageHead, events: readonly RunEvent[], before?: RunBefore): string {
  const tally = emptyProgress()
  for (const event of events) take(tally, event)
  const parts = sections(tally, events, before, head.drift)
  const title = `${tally.playbook === '' ? head.run : tally.playbook}: ${head.end}`
  const hash = createHash('sha256').update(SCRIPT).digest('base64')
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`
  const page = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${new Markup(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <header>
          <h1 class="${head.ok ? 'ok' : 'bad'}">${head.ok ? '✓' : '✗'} ${title}</h1>
          <dl>
            ${head.facts.map(
              ([word, text]) =>
                markup`<dt>${word}</dt>
                  <dd>${/^https?:\/\/[^\s"<>]+$/.test(text) ? markup`<a href="${text}">${text}</a>` : text}</dd>`,
            )}
          </dl>
          ${
            head.resume !== undefined &&
            markup`<p>To continue:</p>
              <pre>${head.resume}</pre>`
          }
        </header>
        <main>
          <label for="q"
            >Search hosts, roles, resources and words<br /><input id="q" type="search" autocomplete="off"
          /></label>
          <p id="none" hidden>No entry has these words.</p>
          ${contentsHtml(parts)} ${parts.map(({ id, title, body }) => (body && body.text.length > LARGE && id !== 'changes' ? packedSection(id, title, body) : body))}
          <section id="events">
            <h2>Events</h2>
            <p>
              All that this page was made of, one JSON value a line.
              <button id="save" type="button" data-name="${head.run}.jsonl">Save the events</button>
            </p>
          </section>
        </main>
        <script type="text/plain" id="raw">
          ${packedEvents(events)}
        </script>
        ${new Markup(`<script>${SCRIPT}</script>`)}
      </body>
    </html> `
  return page.text
}

/** A section with more characters is compressed, and the page's script unpacks it. */
const LARGE = 100_000

/** A large section in compressed form, which cannot be read without JavaScript. */
function packedSection(id: string, title: string, body: Markup): Markup {
  return markup`<div data-z="${packed(body.text)}">
    <h2 id="${id}">${title}</h2>
    <p>This part is compressed, and needs JavaScript: rolecall runs show prints it.</p>
  </div>`
}

function sections(
  tally: RunProgress,
  events: readonly RunEvent[],
  before: RunBefore | undefined,
  drift: PageDrift | undefined,
): readonly Section[] {
  const { hosts, problems } = tally
  const of = (count: (host: HostProgress) => number) =>
    Array.from(hosts.values(), count).reduce((sum, each) => sum + each, 0)
  const changed = tally.mode === 'check' ? 'Would change' : 'Changed'
  return [
    { id: 'failed', title: 'Failed', count: problems.length, body: failureSection(tally) },
    { id: 'stopped', title: 'Stopped', count: of(({ stopped }) => stopped), body: stoppedHtml(tally) },
    { id: 'since', title: 'Since when', count: drift?.rows.length, body: drift && driftHtml(drift) },
    { id: 'hosts', title: 'Hosts and roles', count: hosts.size, body: gridSection(tally) },
    { id: 'timeline', title: 'Timeline', body: timelineSection(timelineOf(events)) },
    { id: 'changes', title: changed, count: of(({ changes }) => changes.length), body: changesSection(tally, events) },
    { id: 'unknown', title: 'Not known', count: of(({ unknowns }) => unknowns.length), body: unknownSection(tally) },
    { id: 'before', title: 'Compared with the previous run', body: before && compareSection(events, before) },
  ]
}

/** A long list of changes is data, from which the script makes the visible entries. Its diffs are taken from the events, so that the page has them once. */
function changesSection(tally: RunProgress, events: readonly RunEvent[]): Markup | undefined {
  const groups = changeGroups(tally)
  if (groups.length === 0) return undefined
  const title = tally.mode === 'check' ? 'Would change' : 'Changed'
  return lengthOf(groups) > LARGE
    ? listHtml(title, packed(JSON.stringify(changeRows(groups, events))))
    : changesHtml(title, groups)
}

function compareSection(events: readonly RunEvent[], before: RunBefore): Markup {
  return markup`<section>
    <h2 id="before">Compared with the previous run</h2>
    <p class="dim">${before.run}</p>
    <ul>
      ${differences(events, before.events).map((line) => markup`<li>${line}</li>`)}
    </ul>
  </section>`
}
