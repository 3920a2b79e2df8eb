import type { RunEvent, UnitEnd } from '../events.ts'
import { escaped } from './html/markup.ts'
import { placeText } from './problem.ts'
import { emptyProgress, take, type RunProgress } from './run-progress.ts'

/**
 * A run as JUnit XML: a suite for each host, a case for each role on it. A failure has its problems and the host's output.
 *
 * Source: the schema that Jenkins and GitLab read, github.com/jenkinsci/xunit-plugin, junit-10.xsd.
 */
export function junitXml(events: readonly RunEvent[]): string {
  const tally = emptyProgress()
  for (const event of events) take(tally, event)
  const byHost = new Map<string | undefined, RunProgress['problems']>()
  for (const problem of tally.problems) {
    const before = byHost.get(problem.host)
    if (before === undefined) byHost.set(problem.host, [problem])
    else before.push(problem)
  }
  const suites = Array.from(tally.hosts.values(), ({ name, units }) => {
    const cases = units.map(({ role, end, durationMs }) => {
      const problems = (byHost.get(name) ?? []).filter((problem) => (problem.role ?? role) === role)
      const body = bodyOf(end, problems)
      return `    <testcase classname="${escaped(`${tally.playbook}.${name}`)}" name="${escaped(role)}" time="${seconds(durationMs)}">${body}</testcase>\n`
    })
    const failed = units.filter(({ end }) => end === 'failed' || end === 'unreachable').length
    const skipped = units.filter(({ end }) => end === 'skipped' || end === 'cancelled').length
    const time = units.reduce((sum, { durationMs }) => sum + durationMs, 0)
    return `  <testsuite name="${escaped(name)}" tests="${units.length}" failures="${failed}" errors="0" skipped="${skipped}" time="${seconds(time)}">\n${cases.join('')}  </testsuite>\n`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${escaped(tally.playbook)}">\n${suites.join('')}</testsuites>\n`
}

function failureOf({
  message,
  place,
  resource,
  expected,
  got,
  hint,
  output,
}: ReturnType<typeof emptyProgress>['problems'][number]): string {
  const lines = [
    place && placeText(place),
    resource,
    expected === undefined ? undefined : `expected ${expected}`,
    got === undefined ? undefined : `got ${got}`,
    hint,
    output,
  ].filter((line) => line !== undefined && line !== '')
  return `<failure message="${escaped(message).replaceAll('\n', '&#10;')}">${escaped(lines.join('\n'))}</failure>`
}

/** What a test case holds: its failures, or that it did not run. */
function bodyOf(end: UnitEnd, problems: RunProgress['problems']): string {
  if (end === 'done') return ''
  if (end !== 'failed' && end !== 'unreachable') return '<skipped/>'
  return problems.length === 0 ? '<failure message="failed"/>' : problems.map(failureOf).join('')
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}

/** One step of a test. */
export interface JunitCase {
  readonly name: string
  readonly durationMs: number
  /** The reason of a failure. */
  readonly failure?: string
}

/** The steps of a test as JUnit XML. Steps that never ran count as skipped. */
export function junitCases(suite: string, cases: readonly JunitCase[], skipped: readonly string[]): string {
  const lines = [
    ...cases.map(({ name, durationMs, failure }) => {
      const body = failure === undefined ? '' : `<failure message="${escaped(failure).replaceAll('\n', '&#10;')}"/>`
      return `    <testcase classname="${escaped(suite)}" name="${escaped(name)}" time="${seconds(durationMs)}">${body}</testcase>\n`
    }),
    ...skipped.map(
      (name) =>
        `    <testcase classname="${escaped(suite)}" name="${escaped(name)}" time="0.000"><skipped/></testcase>\n`,
    ),
  ]
  const failed = cases.filter(({ failure }) => failure !== undefined).length
  const head = `tests="${lines.length}" failures="${failed}" errors="0" skipped="${skipped.length}"`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${escaped(suite)}">\n  <testsuite name="${escaped(suite)}" ${head}>\n${lines.join('')}  </testsuite>\n</testsuites>\n`
}
