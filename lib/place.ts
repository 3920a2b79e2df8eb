import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Place } from './errors.ts'

/** The directory of this program's own code: `lib` in a checkout, `dist` where it is installed. */
const ownCode = fileURLToPath(/^.*\/(?:lib|dist)\//.exec(import.meta.url)?.[0] ?? import.meta.url)

/** The first line of a stack that is the user's own: not ours, not a library's, not node's. */
export function placeIn(stack: string): Place | undefined {
  const isTheirs = (file: string) => !file.includes('/node_modules/') && !file.startsWith(ownCode)
  const place = firstPlace(stack, isTheirs)
  return place && { ...place, file: relative(process.cwd(), place.file) }
}

/** The first line of a stack that stands in such a file, which is named whole. Its first line is what the error says. */
export function firstPlace(stack: string, isWanted: (file: string) => boolean): Required<Place> | undefined {
  for (const line of stack.split('\n').slice(1)) {
    const [, path, at, column] = /(?:\(|\bat (?:async )?)((?:file:\/\/)?\/[^()]+):(\d+):(\d+)\)?$/.exec(line) ?? []
    if (path === undefined) continue
    const file = path.startsWith('file:') ? fileURLToPath(path) : path
    if (isWanted(file)) return { file, line: Number(at), column: Number(column) }
  }
  return undefined
}
