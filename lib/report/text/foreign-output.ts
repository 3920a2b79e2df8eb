import { StringDecoder } from 'node:string_decoder'
import type { WriteStream } from 'node:tty'
import { stripVTControlCharacters } from 'node:util'
import { shownText } from '../../gate/gate.ts'

type Name = 'stdout' | 'stderr'
/** Receives lines, with the stream that they were written to. */
export type LineListener = (lines: readonly string[], stream: Name) => void

/** The streams of this process while writes by other code are intercepted. */
interface CaughtOutput {
  /** Writes to the stream directly. */
  readonly stdout: WriteStream
  readonly stderr: WriteStream
  /** Sends lines to `listener` from now on. It first receives the earlier ones. */
  onLines(listener: LineListener): void
  release(): void
}

/**
 * Intercepts writes by roles and their imports: `console.log` in a role would break JSON lines and the live view.
 * The lines pass the gate, because a role may print a secret.
 */
export function catchOutput(): CaughtOutput {
  let listener: LineListener | undefined
  const early: [line: string, stream: Name][] = []
  const tell = (stream: Name) => (lines: readonly string[]) => {
    if (lines.length === 0) return
    // On a terminal console.log(5) prints colours, which the view would show as escaped characters.
    const shown = lines.map((line) => shownText(stripVTControlCharacters(line)))
    if (listener === undefined) early.push(...shown.map((line): [string, Name] => [line, stream]))
    else listener(shown, stream)
  }
  const out = caught(process.stdout, tell('stdout'))
  const err = caught(process.stderr, tell('stderr'))
  const giveEarly = (to: LineListener) => early.splice(0).forEach(([line, stream]) => to([line], stream))
  const release = () => {
    process.off('uncaughtExceptionMonitor', release)
    out.release()
    err.release()
    // Nobody listened: print the lines now.
    giveEarly((lines) => process.stderr.write(`${lines.join('\n')}\n`))
  }
  // Show why the process ends.
  process.on('uncaughtExceptionMonitor', release)
  return {
    stdout: out.own,
    stderr: err.own,
    onLines(given) {
      listener = given
      giveEarly(given)
    },
    release,
  }
}

function caught(stream: WriteStream, tell: (lines: readonly string[]) => void) {
  const original = stream.write.bind(stream)
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const write = (chunk: string | Uint8Array, ...more: readonly unknown[]): boolean => {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk)))).split('\n')
    rest = lines.pop() ?? ''
    tell(lines)
    const callback = more.findLast((each): each is () => void => typeof each === 'function')
    if (callback !== undefined) process.nextTick(callback)
    return true
  }
  stream.write = write
  // Everything except `write` is taken from the stream itself: its size, its events.
  const own = Object.create(stream, { write: { value: original } }) as WriteStream
  const release = () => {
    stream.write = original
    if (rest !== '') tell([rest])
    rest = ''
  }
  return { own, release }
}
