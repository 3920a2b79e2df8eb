import type { Result } from './contest.ts'
import type { Sample } from './sample.ts'

/** One more column: what it is called, and what stands in it for each contender. */
export interface Column {
  readonly head: string
  readonly cell: (sample: Sample, result: Result, name: string) => string
}

/** A Markdown table of a contest, with each one's share of the time. */
export function tableOf(work: string, result: Result, columns: readonly Column[]): string {
  const all = [...COMMON, ...columns]
  const rows = [...result].map(([name, sample]) => [name, ...all.map(({ cell }) => cell(sample, result, name))])
  return markdown([[work, ...all.map(({ head }) => head)], ...rows])
}

const COMMON: readonly Column[] = [
  { head: 'seconds', cell: ({ wallMs }) => seconds(wallMs) },
  { head: 'CPU here', cell: ({ controllerMs }) => seconds(controllerMs) },
  { head: 'CPU of targets', cell: ({ targetMs }) => seconds(targetMs) },
  { head: 'waiting here', cell: ({ wallMs, controllerMs }) => seconds(Math.max(0, wallMs - controllerMs)) },
]

export const memoryColumn: Column = { head: 'memory, MiB', cell: ({ memoryMiB }) => memoryMiB.toFixed(0) }

/** How one of them stands against each: below 1 it is the faster one. */
export function ratioOf(name: string): Column {
  return {
    head: `${name} against it`,
    cell({ wallMs }, result) {
      const ratio = (result.get(name)?.wallMs ?? 0) / wallMs
      return ratio < 0.5 ? `${ratio.toFixed(3)}x (${(1 / ratio).toFixed(1)} times faster)` : `${ratio.toFixed(2)}x`
    },
  }
}

/** How each stands against one of them. */
export function against(name: string): Column {
  return {
    head: `against ${name}`,
    cell: ({ wallMs }, result) => `${(wallMs / (result.get(name)?.wallMs ?? 0)).toFixed(2)}x`,
  }
}

/** What it took longer than one of them. */
export function beyond(name: string): Column {
  return {
    head: `beyond ${name}`,
    cell: ({ wallMs }, result) => seconds(Math.max(0, wallMs - (result.get(name)?.wallMs ?? 0))),
  }
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
