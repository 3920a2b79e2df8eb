import type { Problem } from '../../errors.ts'
import type { UnitEnd } from '../../events.ts'
import { folded, hostsText } from '../fold.ts'
import { notBegunReason } from '../not-begun.ts'
import { placeText } from '../problem.ts'
import type { RunProgress } from '../run-progress.ts'
import { duration, MODE_WORDS } from '../text/words.ts'
import { markup, type Markup } from './markup.ts'
import { LANE_WIDTH, pathOf, type Phase, type Timeline } from './timeline.ts'

/** Failures, with place, output and hint. Equal failures of many hosts are one. */
export function failureSection({ problems }: RunProgress): Markup | undefined {
  if (problems.length === 0) return undefined
  return markup`<section>
    <h2 id="failed">Failed</h2>
    ${folded(problems).map(failure)}
  </section>`
}

function failure({ message, place, host, role, resource, expected, got, hint, output }: Problem): Markup {
  const rows: [string, string | undefined][] = [
    ['place', place && placeText(place)],
    ['hosts', host],
    ['role', role],
    ['resource', resource],
    ['expected', expected],
    ['got', got],
    ['hint', hint],
  ]
  return markup`<article class="bad" data-s>
    <strong>${message}</strong>
    <dl>
      ${rows.map(
        ([word, text]) =>
          text !== undefined &&
          markup`<dt>${word}</dt>
            <dd>${text}</dd>`,
      )}
    </dl>
    ${output !== undefined && output !== '' && markup`<pre>${output}</pre>`}
  </article>`
}

const ENDS: Readonly<Record<UnitEnd, readonly [letter: string, sign: string]>> = {
  done: ['d', '✓'],
  failed: ['f', '✗ failed'],
  unreachable: ['u', '✗ not reached'],
  skipped: ['s', '– not begun'],
  cancelled: ['c', '– stopped'],
}

/** A table of hosts and roles: how each unit ended, and how long it took. */
export function gridSection(tally: RunProgress): Markup | undefined {
  const hosts = [...tally.hosts.values()]
  const roles = [...new Set(hosts.flatMap(({ units }) => units.map(({ role }) => role)))]
  if (roles.length === 0) return undefined
  const changed = MODE_WORDS[tally.mode].changed
  const rows = hosts.map(({ name, units, ok, changes, failures, stopped, caught }) => {
    const cells = roles.map((role) => {
      const of = units.filter((unit) => unit.role === role)
      const [first] = of
      if (first === undefined) return markup`<td></td>`
      const [letter, sign] = ENDS[of.find(({ end }) => end !== 'done')?.end ?? 'done']
      const time = of.reduce((sum, { durationMs }) => sum + durationMs, 0)
      const why = first.notBegun === undefined ? undefined : notBegunReason(first.notBegun)
      return markup`<td class="${letter}" ${why !== undefined && markup` title="${why}"`}>
        ${sign} ${time > 0 && duration(time)}
      </td>`
    })
    return markup`<tr data-s>
      <th scope="row">${name}</th>
      ${cells}
      <td>${ok} ok${changes.length > 0 && `, ${changes.length} ${changed}`}${failures > 0 && `, ${failures} failed`}${stopped > 0 && `, ${stopped} stopped`}${caught > 0 && `, ${caught} caught`}</td>
    </tr>`
  })
  return markup`<section><h2 id="hosts">Hosts and roles</h2><div class="scroll" tabindex="0" role="region" aria-labelledby="hosts"><table><thead><tr><th scope="col">Host</th>${roles.map((role) => markup`<th scope="col">${role}</th>`)}<th scope="col">Resources</th></tr></thead><tbody>${rows}</tbody></table></div></section>`
}

const PHASES: readonly (readonly [phase: Phase, words: string])[] = [
  ['connect', 'connecting'],
  ['probe', 'asking'],
  ['act', 'changing'],
]
const ROW = 14
const NAMES = 150

/** The timeline: a lane for each host, and the critical path of the run. */
export function timelineSection(timeline: Timeline): Markup | undefined {
  const { lanes, critical, from, to } = timeline
  if (lanes.size === 0 || to <= from) return undefined
  const rows = Array.from(lanes, ([host, segments], at) => {
    const y = at * ROW + 8
    const mine = critical
      .filter((unit) => unit.host === host)
      .map((unit) => ({ phase: 'act' as const, from: unit.from, to: unit.to }))
    return markup`<text x="0" y="${y + 4}">${host.length > 22 ? `${host.slice(0, 21)}…` : host}</text
      ><g transform="translate(${NAMES} 0)"
        >${PHASES.map(([phase]) => {
          const path = pathOf(segments, phase, timeline, y)
          return path !== '' && markup`<path class="${phase}" d="${path}" />`
        })}${mine.length > 0 && markup`<path class="critical" d="${pathOf(mine, undefined, timeline, y + 6)}" />`}</g
      >`
  })
  const height = lanes.size * ROW + 8
  const path = critical.map(
    ({ host, role, from: begin, to: end }) =>
      markup`<li>${role} on ${host}: ${duration(end - begin)}, from ${duration(begin - from)}</li>`,
  )
  return markup`<section>
    <h2 id="timeline">Timeline</h2>
    <p>
      ${duration(to - from)} in all.${PHASES.map(([phase, words]) => markup` <span class="key"><i class="${phase}"></i>${words}</span>`)}
      <span class="key"><i class="critical"></i>critical path</span>
    </p>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="timeline">
      <svg
        role="img"
        aria-label="The times at which each host was connected, probed and changed"
        viewBox="0 0 ${NAMES + LANE_WIDTH} ${height}"
      >
        ${rows}
      </svg>
    </div>
    ${
      path.length > 0 &&
      markup`<details>
        <summary>What the run waited for</summary>
        <ol>
          ${path}
        </ol>
      </details>`
    }
  </section>`
}

/** Resources that could not be predicted, with the reasons. */
export function unknownSection(tally: RunProgress): Markup | undefined {
  const groups = new Map<string, { readonly resource: string; readonly reason: string; readonly hosts: string[] }>()
  for (const { host, resource, reason = 'no reason given' } of Array.from(
    tally.hosts.values(),
    ({ unknowns }) => unknowns,
  ).flat()) {
    const group = groups.get(`${resource}\n${reason}`) ?? { resource, reason, hosts: [] }
    groups.set(`${resource}\n${reason}`, group)
    group.hosts.push(host)
  }
  if (groups.size === 0) return undefined
  return markup`<section>
    <h2 id="unknown">Unknown until applied</h2>
    ${Array.from(groups.values(), ({ resource, reason, hosts }) => markup`<article data-s><strong>${resource}</strong> <span class="unknown">${reason}</span> <span class="dim">on ${hostsText(hosts)}</span></article>`)}
  </section>`
}
