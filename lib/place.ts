import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Place } from './errors.ts'
import { insideOf, isError, stackOf } from './thrown.ts'

/** The directory of this program's own code: `lib` in a checkout, `dist` in an installation. */
const ownCode = fileURLToPath(/^.*\/(?:lib|dist)\//.exec(import.meta.url)?.[0] ?? import.meta.url)

/**
 * The place of a call in the user's files. Recording it costs some 5 us; the place is computed when it is first needed, which costs 0.4 ms.
 */
export class CallSite {
  readonly #captured: { stack?: string } = {}

  /** `callee`: the function that was called; the frames below it are left out. */
  constructor(callee?: (...args: never[]) => unknown) {
    Error.captureStackTrace(this.#captured, callee ?? CallSite)
  }

  get place(): Place | undefined {
    return placeIn(this.#captured.stack ?? '')
  }
}

/** The user's line that led here. */
export function placeOfCall(): Place | undefined {
  return new CallSite(placeOfCall).place
}

/** The first line of a stack in the user's own files: not ours, not a library's, not node's. */
export function placeIn(stack: string): Place | undefined {
  const isTheirs = (file: string) => !file.includes('/node_modules/') && !file.startsWith(ownCode)
  const place = firstPlace(stack, isTheirs)
  return place && { ...place, file: relative(process.cwd(), place.file) }
}

const DEEPEST_CAUSE = 5

/** The place of an error in the user's own files: its own, else that of an error in it, as `Promise.any` has them, or of its cause. */
export function placeOfError(error: unknown, depth = 0): Place | undefined {
  // Causes may form a circle.
  if (!isError(error) || depth > DEEPEST_CAUSE) return undefined
  const own = placeIn(stackOf(error))
  if (own !== undefined) return own
  const { errors, cause } = insideOf(error)
  for (const each of [...errors, cause]) {
    const place = placeOfError(each, depth + 1)
    if (place !== undefined) return place
  }
  return undefined
}

/** The first line of a stack in such a file, which is named whole. The first line of the stack itself is the error's message. */
export function firstPlace(stack: string, isWanted: (file: string) => boolean): Required<Place> | undefined {
  for (const line of stack.split('\n').slice(1)) {
    const [, path, at, column] = /(?:\(|\bat (?:async )?)((?:file:\/\/)?\/[^()]+):(\d+):(\d+)\)?$/.exec(line) ?? []
    if (path === undefined) continue
    const file = path.startsWith('file:') ? fileURLToPath(path) : path
    if (isWanted(file)) return { file, line: Number(at), column: Number(column) }
  }
  return undefined
}
