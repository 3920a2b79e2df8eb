import type { RunEvent } from '../../events.ts'

type Output = Extract<RunEvent, { type: 'output' }>

/** A line longer than this is shown before its end. */
const LONGEST_LINE = 8192

interface Rest {
  readonly event: Output
  readonly text: string
}

/** A whole line of a step's output. */
export type OutputLine = Pick<Output, 'host' | 'role' | 'resource' | 'stream'> & { readonly line: string }

/** Output of steps arrives in pieces. Joins them to lines, for each host and stream. */
export class OutputLines {
  readonly #rests = new Map<string, Map<Output['stream'], Rest>>()

  /** The lines completed by this event. Lines that ended with their step come first. */
  take(event: RunEvent): OutputLine[] {
    if (event.type !== 'output') return endsStep(event) ? this.end(event.host) : []
    const rests = this.#rests.get(event.host) ?? new Map<Output['stream'], Rest>()
    this.#rests.set(event.host, rests)
    const before = rests.get(event.stream)?.text ?? ''
    const lines = (before + event.text).split('\n')
    const rest = lines.pop() ?? ''
    const isLong = rest.length > LONGEST_LINE
    rests.set(event.stream, { event, text: isLong ? '' : rest })
    return [...lines, ...(isLong ? [rest] : [])].map((line) => lineOf(event, line))
  }

  /** The rest of a host's output without an end of line. */
  end(host: string): OutputLine[] {
    const rests = [...(this.#rests.get(host)?.values() ?? [])]
    this.#rests.delete(host)
    return rests.filter(({ text }) => text !== '').map(({ event, text }) => lineOf(event, text))
  }

  /** The same for all hosts. */
  endAll(): OutputLine[] {
    return [...this.#rests.keys()].flatMap((host) => this.end(host))
  }
}

function lineOf({ host, role, resource, stream }: Output, line: string): OutputLine {
  return { host, role, resource, stream, line: line.trimEnd() }
}

function endsStep(event: RunEvent): event is Extract<RunEvent, { type: 'step' | 'resource' | 'unit-end' }> {
  return event.type === 'step' || event.type === 'resource' || event.type === 'unit-end'
}

/** The last line of a text that is not empty. Of a progress bar, which overwrites its line, the last state counts. */
export function lastLine(text: string): string | undefined {
  return text
    .split(/\n|\r|\\r/)
    .findLast((line) => line.trim() !== '')
    ?.trim()
}
