import { openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { ReadStream } from 'node:tty'
import { Refusal } from '../errors.ts'

/**
 * Asks the person at the terminal and does not show what they type. The question goes to the terminal also where standard input or output is a
 * file or a pipe.
 *
 * Throws a Refusal where there is no terminal, and when the person ends it with Ctrl-C or Ctrl-D.
 */
export function askHidden(question: string): Promise<string> {
  const input = terminal(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: silent, terminal: true })
  process.stderr.write(question)
  return new Promise((resolve, reject) => {
    const end = () => {
      process.stderr.write('\n')
      if (input !== process.stdin) input.destroy()
    }
    lines.once('line', (answer) => {
      lines.removeAllListeners('close')
      lines.close()
      end()
      resolve(answer)
    })
    lines.once('SIGINT', () => lines.close())
    lines.once('close', () => {
      end()
      reject(new Refusal({ code: 'usage', message: 'the question was not answered' }))
    })
  })
}

function terminal(question: string): ReadStream {
  if (process.stdin.isTTY) return process.stdin
  try {
    return new ReadStream(openSync('/dev/tty', 'r'))
  } catch {
    throw new Refusal({
      code: 'usage',
      message: `nobody can be asked for "${question.replace(/:\s*$/, '')}": there is no terminal`,
      hint: 'in continuous integration give passwords in files: --vault-password-file FILE, --vault-id LABEL@FILE',
    })
  }
}
