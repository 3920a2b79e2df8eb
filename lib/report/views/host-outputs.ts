import { stripVTControlCharacters } from 'node:util'
import { hostsText } from '../fold.ts'
import type { Paint } from '../text/paint.ts'

/** The status of a command on a host. */
export type HandStatus = 'at work' | 'ok' | 'failed' | 'stopped'

/** What a command printed on a host. */
export interface HostOutput {
  readonly name: string
  text: string
  /** The unfinished line of each stream. */
  readonly rest: { stdout: string; stderr: string }
  status: HandStatus
  reason?: string
}

/** The outputs under the names of their hosts. Equal outputs are joined, the most frequent first. */
export function groupedLines(outputs: readonly HostOutput[], paint: Paint): string[] {
  const groups = new Map<string, HostOutput[]>()
  for (const output of outputs) {
    const key = `${output.reason ?? ''}\0${stripVTControlCharacters(output.text)}`
    groups.set(key, [...(groups.get(key) ?? []), output])
  }
  return [...groups.values()]
    .sort((a, b) => b.length - a.length)
    .flatMap((group) => {
      const [first] = group
      return first === undefined ? [] : linesOf(first, group, paint)
    })
}

function linesOf({ text, reason }: HostOutput, group: readonly HostOutput[], paint: Paint): string[] {
  const names = paint.strong(hostsText(group.map(({ name }) => name)))
  const end = reason === undefined ? '' : `  ${paint.failed(reason)}`
  const printed = text.trimEnd()
  const lines = printed === '' ? [paint.dim('  (no output)')] : printed.split('\n').map((line) => `  ${line}`)
  return [`${names}${end}`, ...lines]
}
