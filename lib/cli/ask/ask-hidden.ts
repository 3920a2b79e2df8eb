import { openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { ReadStream } from 'node:tty'
import { RolecallError } from '../../errors.ts'

export interface AskOptions {
  /** Whether the answer is hidden on the screen. */
  readonly hidden: boolean
  /** The stream for the question. Default: standard error. */
  readonly output?: { write(text: string): unknown }
  /** The hint of the error without a terminal. */
  readonly hint?: string
}

/** A question whose answer is not shown. */
export function askHidden(question: string, options: Omit<AskOptions, 'hidden'> = {}): Promise<string> {
  return ask(question, { ...options, hidden: true })
}

/**
 * Asks the person at the terminal. The question goes to the terminal even if standard input or output is a file or a pipe.
 *
 * Throws a RolecallError without a terminal, and after Ctrl-C or Ctrl-D.
 */
export function ask(question: string, { hidden, output = process.stderr, hint = HINT }: AskOptions): Promise<string> {
  const input = terminal(question, hint)
  const echo = new Writable({
    write: (chunk: Buffer | string, _encoding, done) => {
      if (!hidden) output.write(String(chunk))
      done()
    },
  })
  const lines = createInterface({ input, output: echo, terminal: true })
  lines.setPrompt(question)
  // The line editor writes the question again when it redraws the line.
  if (hidden) output.write(question)
  else lines.prompt()
  return new Promise((resolve, reject) => {
    const end = () => {
      if (hidden) output.write('\n')
      if (input !== process.stdin) input.destroy()
    }
    // The stream's own listeners of `close` release the input, so they are kept.
    let answered: string | undefined
    lines.once('line', (answer) => {
      answered = answer
      lines.close()
    })
    lines.once('SIGINT', () => lines.close())
    lines.once('close', () => {
      end()
      if (answered !== undefined) return resolve(answered)
      reject(new RolecallError({ code: 'cancelled', message: 'the question was not answered' }))
    })
  })
}

const HINT = 'in continuous integration give passwords in files: --vault-password-file FILE, --vault-id LABEL@FILE'

function terminal(question: string, hint: string): ReadStream {
  if (process.stdin.isTTY) return process.stdin
  try {
    return new ReadStream(openSync('/dev/tty', 'r'))
  } catch {
    throw new RolecallError({
      code: 'usage',
      message: `there is no terminal to ask for "${question.replace(/:\s*$/, '').trim()}"`,
      hint,
    })
  }
}
