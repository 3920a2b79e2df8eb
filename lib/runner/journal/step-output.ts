import type { RunEvent } from '../../events.ts'

type Output = Extract<RunEvent, { type: 'output' }>

/** Characters to keep. The end of a step's output says why it failed; all of it would fill disks. */
const MOST_KEPT = 65_536

interface Kept {
  readonly pieces: Output[]
  length: number
  /** The number of characters that were left out. */
  left: number
}

/** Keeps the last 64 KiB of the output of each host's step, and returns them when the step is over. */
export class StepOutput {
  readonly #hosts = new Map<string, Kept>()

  add(event: Output): void {
    const kept = this.#hosts.get(event.host) ?? { pieces: [], length: 0, left: 0 }
    this.#hosts.set(event.host, kept)
    const last = kept.pieces.at(-1)
    // Thousands of small pieces become one line of the journal.
    if (last?.stream === event.stream && last.resource === event.resource && last.text.length < MOST_KEPT)
      kept.pieces.splice(-1, 1, { ...last, text: last.text + event.text })
    else kept.pieces.push(event)
    kept.length += event.text.length
    while (kept.length > MOST_KEPT && kept.pieces.length > 0) {
      const [first] = kept.pieces
      const over = kept.length - MOST_KEPT
      if (first === undefined) break
      const gone = Math.min(over, first.text.length)
      if (gone === first.text.length) kept.pieces.shift()
      else kept.pieces.splice(0, 1, { ...first, text: first.text.slice(gone) })
      kept.length -= gone
      kept.left += gone
    }
  }

  /** The kept output of a host, taken when its step has ended; the first piece says how much is missing. */
  over(event: RunEvent): Output[] {
    return event.type === 'step' || event.type === 'resource' || event.type === 'unit-end' ? this.#take(event.host) : []
  }

  /** The kept output of all hosts. */
  rest(): Output[] {
    return [...this.#hosts.keys()].flatMap((host) => this.#take(host))
  }

  #take(host: string): Output[] {
    const { pieces = [], left = 0 } = this.#hosts.get(host) ?? {}
    this.#hosts.delete(host)
    if (left === 0) return pieces
    return pieces.map((piece, at) =>
      at === 0 ? { ...piece, text: `... ${left} letters before\n${piece.text}` } : piece,
    )
  }
}
