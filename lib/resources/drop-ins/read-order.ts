import { posix } from 'node:path'
import { sh, type Sh } from '../../sh/quote.ts'
import type { Unknown } from '../kit/kind.ts'
import { allAfter } from '../kit/text.ts'
import type { Prediction } from '../prediction/prediction.ts'

/** Directories of files that a program reads one after the other, by their names. */
export interface ReadOrder {
  /** The strongest first: a name in one hides the same name in those below it. */
  readonly dirs: readonly string[]
  /** A file that is read after all of them. */
  readonly last?: string
}

/** A file that is read, with those of its lines that have one of the words. */
export interface ReadFile {
  readonly path: string
  readonly lines: readonly ReadLine[]
}

interface ReadLine {
  readonly number: number
  readonly text: string
}

/** Says which files are read, `file PATH`, and which of their lines have one of these words: `PATH:NUMBER:TEXT`. */
export function askReadFiles({ dirs, last }: ReadOrder, words: readonly string[]): Sh {
  const lastOne = last === undefined ? sh`:` : sh`[ ! -f ${last} ] || { echo ${`file ${last}`}; set -- "$@" ${last}; }`
  return sh`set --
for d in ${dirs}; do for f in "$d"/*.conf; do [ ! -e "$f" ] || { echo "file $f"; [ ! -f "$f" ] || set -- "$@" "$f"; }; done; done
${lastOne}
grep -HnF ${words.flatMap((word) => ['-e', word])} -- "$@" /dev/null`
}

/** One pass: a host may send many files with many lines. */
export function parseReadFiles(said: readonly string[]): readonly ReadFile[] {
  const files = new Map(allAfter(said, 'file').map((path) => [path, [] as ReadLine[]]))
  for (const line of said) {
    const [, path = '', number, text = ''] = /^(\/.*?\.conf):(\d+):(.*)$/s.exec(line) ?? []
    if (number !== undefined) files.get(path)?.push({ number: Number(number), text })
  }
  return [...files].map(([path, lines]) => ({ path, lines }))
}

/**
 * Files as pending changes will leave them; unknown where one of those that `matters` may say anything. The very same list comes back when nothing is pending.
 */
export function predictReadFiles(
  files: readonly ReadFile[],
  order: ReadOrder,
  prediction: Prediction,
  {
    isOther,
    matters,
  }: { readonly isOther: (path: string, from: string) => boolean; readonly matters: (path: string) => boolean },
): readonly ReadFile[] | Unknown {
  if (prediction.empty) return files
  const { dirs, last } = order
  const pending = [
    ...dirs.flatMap((dir) => prediction.paths.below(dir)),
    ...(last === undefined ? [] : [{ path: last, ...prediction.paths.get(last) }]),
  ].filter(({ path, from }) => path.endsWith('.conf') && from !== undefined && isOther(path, from))
  if (pending.length === 0) return files
  const changed = new Map(files.map((file) => [file.path, file]))
  for (const { path, state, from = '' } of pending) {
    if (state === undefined) continue
    if (state.type === 'absent') changed.delete(path)
    else if (state.type === 'link' && state.target === '/dev/null') changed.set(path, { path, lines: [] })
    else if (state.type === 'file' && state.content !== undefined)
      changed.set(path, { path, lines: linesOf(Buffer.from(state.content).toString('utf8')) })
    else if (state.type !== 'dir' && !(state.type === 'file' && state.kept === true) && matters(path))
      return { unknown: `what ${path}, which is read beside it, will say is known only after ${from}` }
  }
  return [...changed.values()]
}

function linesOf(text: string): readonly ReadLine[] {
  return text.split('\n').map((line, index) => ({ number: index + 1, text: line }))
}

export function isReadAfter({ last }: ReadOrder, path: string, own: string): boolean {
  return path !== own && (path === last || posix.basename(path) > posix.basename(own))
}

/** Lines of other files that are read after a file, or before it, in that order. A file that another one of its name hides is not read. */
export function linesAround(
  files: readonly ReadFile[],
  order: ReadOrder,
  own: string,
): { readonly before: readonly PlacedLine[]; readonly after: readonly PlacedLine[] } {
  const rank = ({ path }: ReadFile) => {
    const at = order.dirs.indexOf(posix.dirname(path))
    return at < 0 ? order.dirs.length : at
  }
  const byName = new Map<string, ReadFile>([[posix.basename(own), { path: own, lines: [] }]])
  for (const file of files.filter(({ path }) => path !== order.last).toSorted((a, b) => rank(a) - rank(b))) {
    const name = posix.basename(file.path)
    if (!byName.has(name)) byName.set(name, file)
  }
  const inOrder = [...byName.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file)
  const placed = (those: readonly ReadFile[]) =>
    those.flatMap(({ path, lines }) => lines.map((line) => ({ path, ...line })))
  return {
    before: placed(inOrder.filter(({ path }) => posix.basename(path) < posix.basename(own))),
    after: placed([
      ...inOrder.filter(({ path }) => isReadAfter(order, path, own)),
      ...files.filter(({ path }) => path === order.last),
    ]),
  }
}

export interface PlacedLine extends ReadLine {
  readonly path: string
}
