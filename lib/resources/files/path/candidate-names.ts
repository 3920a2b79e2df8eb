import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { sh, type Sh } from '../../../sh/quote.ts'
import { LONGEST_NAME } from '../../kit/options/path-length.ts'

/** The pattern of all hidden candidates that a step may leave beside `path` when it is killed. */
export function candidatesOf(path: string): Sh {
  return sh`${candidatePrefix(path)}??????`
}

/** Hidden candidates beside `path` begin so; six characters follow. */
export function candidatePrefix(path: string): string {
  return posix.join(posix.dirname(path), `.${cut(posix.basename(path), 200)}.rolecall.`)
}

/** The names under which old files are kept begin so; a time such as `.20260131T120107~` follows. */
export function backupPrefix(path: string): string {
  return posix.join(posix.dirname(path), cut(posix.basename(path), LONGEST_NAME - '.20260131T120107~'.length))
}

/** A longer name is cut between two characters. A digest of the whole name tells it from others that begin with the same bytes. */
function cut(name: string, most: number): string {
  if (Buffer.byteLength(name) <= most) return name
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 12)
  let begin = ''
  for (const each of name) {
    if (Buffer.byteLength(begin + each) + 1 + digest.length > most) break
    begin += each
  }
  return `${begin}-${digest}`
}
