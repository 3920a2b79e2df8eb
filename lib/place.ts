import { relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Place } from './errors.ts'

/** The directory of this program's own code: `lib` in a checkout, `dist` where it is installed. */
const ownCode = /^.*\/(?:lib|dist)\//.exec(import.meta.url)?.[0] ?? import.meta.url

/** The first line of a stack that is the user's own: not ours, not a library's, not node's. */
export function placeIn(stack: string): Place | undefined {
  for (const line of stack.split('\n').slice(1)) {
    const [, path, at, column] = /(?:^|[\s(])((?:file:\/\/)?\/[^()\s]+):(\d+):(\d+)\)?$/.exec(line) ?? []
    if (path === undefined) continue
    const url = path.startsWith('file:') ? path : pathToFileURL(path).href
    if (url.includes('/node_modules/') || url.startsWith(ownCode)) continue
    return { file: relative(process.cwd(), fileURLToPath(url)), line: Number(at), column: Number(column) }
  }
  return undefined
}
