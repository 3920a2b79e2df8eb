import type { RunEvent } from '../../events.ts'

type Output = Extract<RunEvent, { type: 'output' }>

/** A program that prints no end of line for so long is not waited for. */
const LONGEST_LINE = 8192

interface Rest {
  readonly event: Output
  readonly text: string
}

/** A line that a step printed, whole. */
export type OutputLine = Pick<Output, 'host' | 'role' | 'resource' | 'stream'> & { readonly line: string }

/** What steps print arrives in pieces. This makes lines of them: each host and stream has its own. */
export class OutputLines {
  readonly #rests = new Map<string, Map<Output['stream'], Rest>>()

  /** The lines that are whole with this event, those first that ended because the step has. */
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

  /** What a host printed last without an end of line. */
  end(host: string): OutputLine[] {
    const rests = [...(this.#rests.get(host)?.values() ?? [])]
    this.#rests.delete(host)
    return rests.filter(({ text }) => text !== '').map(({ event, text }) => lineOf(event, text))
  }

  /** The same of all hosts. */
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

/** The last line of a text that says something. Programs that draw a bar write over one line: the last state of it counts. */
export function lastLine(text: string): string | undefined {
  return text
    .split(/\n|\r|\\r/)
    .findLast((line) => line.trim() !== '')
    ?.trim()
}
