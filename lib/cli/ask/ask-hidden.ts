import { openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { ReadStream } from 'node:tty'
import { RolecallError } from '../../errors.ts'

export interface AskOptions {
  /** Whether what is typed is kept from the screen. */
  readonly hidden: boolean
  /** Where the question is written. Default: standard error. */
  readonly output?: { write(text: string): unknown }
  /** What to do where there is no terminal. */
  readonly hint?: string
}

/** A question whose answer is not shown. */
export function askHidden(question: string, options: Omit<AskOptions, 'hidden'> = {}): Promise<string> {
  return ask(question, { ...options, hidden: true })
}

/**
 * Asks the person at the terminal. The question goes to the terminal also where standard input or output is a file or a pipe.
 *
 * Throws a RolecallError where there is no terminal, and when the person ends it with Ctrl-C or Ctrl-D.
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
  // The editor of the line writes the question anew when it redraws it.
  if (hidden) output.write(question)
  else lines.prompt()
  return new Promise((resolve, reject) => {
    const end = () => {
      if (hidden) output.write('\n')
      if (input !== process.stdin) input.destroy()
    }
    // Its own listeners of `close` let go of the input: they have to stay.
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
      message: `nobody can be asked for "${question.replace(/:\s*$/, '').trim()}": there is no terminal`,
      hint,
    })
  }
}
