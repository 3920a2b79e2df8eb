import type { Result } from './contest.ts'

/** A Markdown table of a contest, with each one's share of the time and its ratio to the limits. */
export function tableOf(work: string, result: Result, limits: readonly string[]): string {
  const head = [
    work,
    'seconds',
    'CPU here',
    'CPU of targets',
    'waiting here',
    ...limits.map((name) => `against ${name}`),
  ]
  const rows = [...result].map(([name, { wallMs, controllerMs, targetMs }]) => [
    name,
    seconds(wallMs),
    seconds(controllerMs),
    seconds(targetMs),
    seconds(Math.max(0, wallMs - controllerMs)),
    ...limits.map((limit) => ratio(wallMs, result.get(limit)?.wallMs)),
  ])
  return markdown([head, ...rows])
}

export function markdown(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`
  const [head = [], ...rest] = rows
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest.map(line), ''].join('\n')
}

export function seconds(ms: number): string {
  return (ms / 1000).toFixed(ms < 10_000 ? 2 : 1)
}

function ratio(ms: number, limit: number | undefined): string {
  return limit === undefined ? '' : `${(ms / limit).toFixed(2)}x`
}
