import type { Writable } from 'node:stream'
import type { Problem } from '../../errors.ts'
import { handProblemsText } from '../problem.ts'
import type { RunView } from '../report.ts'
import { paintFor } from '../text/paint.ts'

/** Shows why hosts do not answer. The caller shows the answers. */
export function answersView(stderr: Writable = process.stderr): RunView {
  const problems: Problem[] = []
  const paint = paintFor('stderr')
  return {
    tell(event) {
      if (event.type === 'problem') problems.push(event.problem)
      if (event.type === 'note' || event.type === 'waiting')
        stderr.write(`${paint.dim(`${event.host}  ${event.message}`)}\n`)
    },
    say: (lines) => void stderr.write(lines.map((line) => `${line}\n`).join('')),
    end() {
      if (problems.length > 0) stderr.write(`${handProblemsText(problems, paint)}\n`)
    },
  }
}
