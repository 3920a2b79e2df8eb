import { raw, sh, type Sh } from '../../sh/quote.ts'
import { matchesGlob } from '../../text/glob.ts'
import { textOf } from '../kit/bytes.ts'
import type { Refused, Unknown } from '../kit/kind.ts'
import type { Prediction } from '../prediction/prediction.ts'
import type { Wanted } from './sshd-text.ts'

const MAIN = '/etc/ssh/sshd_config'
const DIRECTORY = '/etc/ssh/sshd_config.d'

/** A line of a file of sshd that matters here, with its number. */
interface SshdLine {
  readonly number: number
  readonly keyword: string
  readonly value: string
  /** It shows the keyword in a comment. */
  readonly isShown: boolean
}

/** The files that sshd reads, by path. */
export type SshdFiles = ReadonlyMap<string, readonly SshdLine[]>

/** Of these sshd takes every line of every file. Source: sshd_config(5). */
const ADDED_UP = new Set(
  'acceptenv allowgroups allowusers denygroups denyusers hostcertificate hostkey include listenaddress logverbose permitlisten permitopen port setenv subsystem'.split(
    ' ',
  ),
)

/** Keywords of which the first line counts, in whatever file. */
function firstOnes(set: Wanted): readonly (readonly [keyword: string, value: string])[] {
  return [...set].flatMap(([keyword, values]) => {
    const value = values?.[0]
    return value === undefined || ADDED_UP.has(keyword.toLowerCase()) ? [] : [[keyword, value] as const]
  })
}

function isRead(path: string): boolean {
  return path === MAIN || path.startsWith(`${DIRECTORY}/`)
}

const LINE = (keywords: readonly string[]) =>
  `^[[:space:]]*#*[[:space:]]*(include|match|${keywords.join('|')})([[:space:]=]|$)`

/** Prints the lines of the main file and of its drop-ins that are about these keywords. */
export function askOrder(path: string, set: Wanted): Sh {
  const keywords = firstOnes(set).map(([keyword]) => keyword)
  if (!isRead(path) || (keywords.length === 0 && path === MAIN)) return raw(':')
  return sh`(LC_ALL=C; export LC_ALL; for f in ${MAIN} ${DIRECTORY}/*; do [ -f "$f" ] || continue
echo "file $f"; grep -n -i -E ${LINE(keywords.length === 0 ? ['include'] : keywords)} "$f" 2>/dev/null; done); :`
}

export function readOrder(said: readonly string[]): SshdFiles {
  const files = new Map<string, SshdLine[]>()
  let at: SshdLine[] = []
  for (const each of said) {
    if (each.startsWith('file ')) files.set(each.slice(5), (at = []))
    else {
      const [, number = '', text = ''] = /^(\d+):(.*)$/s.exec(each) ?? []
      at.push(...lineOf(Number(number), text))
    }
  }
  return files
}

function lineOf(number: number, text: string): readonly SshdLine[] {
  const [, comment = '', keyword, value = ''] = /^\s*(#*)\s*([A-Za-z]\w*)(?:\s+|\s*=\s*|$)(.*?)\s*$/s.exec(text) ?? []
  if (keyword === undefined) return []
  return [{ number, keyword: keyword.toLowerCase(), value, isShown: comment !== '' }]
}

/** Applies the files that earlier resources write and remove. A pending command may remove an obstacle. */
export function predictOrder(path: string, set: Wanted, files: SshdFiles, prediction: Prediction): SshdFiles | Unknown {
  const later = withPending(files, prediction)
  if ('unknown' in later || overruled(path, set, later) === undefined) return later
  const other = prediction.opaque()
  return other === undefined
    ? later
    : { unknown: `whether another file of sshd comes before ${path} is known only after ${other.from}` }
}

function withPending(files: SshdFiles, prediction: Prediction): SshdFiles | Unknown {
  const main = prediction.paths.get(MAIN)
  const pending = [...(main === undefined ? [] : [{ path: MAIN, ...main }]), ...prediction.paths.below(DIRECTORY)]
  if (pending.length === 0) return files
  const later = new Map(files)
  for (const { path, state, from } of pending) {
    later.delete(path)
    if (state.type === 'file' && state.content === undefined) return { unknown: `what ${from} writes into ${path}` }
    if (state.type === 'file')
      later.set(
        path,
        (textOf(state.content ?? new Uint8Array()) ?? '').split('\n').flatMap((text, at) => lineOf(at + 1, text)),
      )
  }
  return later
}

/** What keeps a file of sshd from having effect: another file that says otherwise and comes first, or that nobody reads it. */
export function overruled(path: string, set: Wanted, files: SshdFiles): Refused | undefined {
  const main = files.get(MAIN)
  if (!isRead(path) || main === undefined) return undefined
  const dropIns = [...files.keys()].filter((each) => each !== MAIN && each !== path).concat(path === MAIN ? [] : [path])
  const sorted = dropIns.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const head = global(main)
  const includes = head.filter(({ keyword, isShown }) => keyword === 'include' && !isShown)
  const of = (include: SshdLine) =>
    sorted.filter((each) => include.value.split(/\s+/).some((pattern) => matchesGlob(absolute(pattern), each, true)))
  const own = includes.find((include) => of(include).includes(path))
  if (path !== MAIN && own === undefined)
    return {
      refused: `sshd does not read ${path}: no Include in ${MAIN} names it`,
      hint: `put line('${MAIN}', { line: 'Include ${DIRECTORY}/*.conf', insertBefore: /^/ }) before this resource; a name ends with .conf`,
    }
  for (const [written, value] of firstOnes(set)) {
    const keyword = written.toLowerCase()
    const isIt = (line: SshdLine) => line.keyword === keyword && !line.isShown
    const place = path === MAIN ? placeIn(head, keyword) : (own?.number ?? 0)
    const before = [
      ...(path === MAIN
        ? []
        : head.filter((line) => isIt(line) && line.number < place).map((line) => ({ at: MAIN, line }))),
      ...includes
        .filter(({ number }) => (path === MAIN ? number < place : number <= place))
        .flatMap((include) => {
          const all = of(include)
          const those = include === own ? all.slice(0, all.indexOf(path)) : all
          return those.flatMap((at) =>
            global(files.get(at) ?? [])
              .filter(isIt)
              .map((line) => ({ at, line })),
          )
        }),
    ]
    const [first] = before
    if (first !== undefined && !isSame(first.line.value, value))
      return {
        refused: `${written} would stay ${first.line.value}: ${first.at} sets it in line ${first.line.number}, and comes before ${path}`,
        hint: `set it in ${first.at}, or in a drop-in whose name comes before it, such as ${DIRECTORY}/00-site.conf`,
      }
  }
  return undefined
}

/** Everything before the first Match block. */
function global(lines: readonly SshdLine[]): readonly SshdLine[] {
  const end = lines.findIndex(({ keyword, isShown }) => keyword === 'match' && !isShown)
  return end < 0 ? lines : lines.slice(0, end)
}

/** Where a keyword is, or will be: below a comment that shows it, else at the end. */
function placeIn(head: readonly SshdLine[], keyword: string): number {
  const those = head.filter((line) => line.keyword === keyword)
  return (those.find(({ isShown }) => !isShown) ?? those.at(-1))?.number ?? Infinity
}

/** Names are read as below /etc/ssh. */
function absolute(pattern: string): string {
  const bare = pattern.replaceAll('"', '')
  return bare.startsWith('/') ? bare : `/etc/ssh/${bare}`
}

function isSame(there: string, wanted: string): boolean {
  const plain = (value: string) =>
    value
      .replace(/\s+#.*$/, '')
      .replaceAll('"', '')
      .replaceAll(/\s+/g, ' ')
      .toLowerCase()
  return plain(there) === plain(wanted)
}
