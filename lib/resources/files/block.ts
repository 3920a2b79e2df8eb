import type { Secret } from '../../secret.ts'
import { editKind, editOptions, editWant, placeOf, reveal, type EditOptions, type EditWant } from './edit.ts'
import type { Refused, Resource } from '../kit/kind.ts'
import { secretText, text, value } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { absolute } from './path/path.ts'
import { insert, join, split, type Line } from '../kit/text.ts'

export interface Named {
  /** Tells the block from others in the same file; it is part of the marker lines. */
  readonly name: string
  /** What begins a comment in this file, or what begins and ends one: `['<!--', '-->']`. Default `'#'`. */
  readonly comment?: string | readonly [string, string]
  /**
   * The marker lines in other words, with `{mark}` for BEGIN and END: those of a block that Ansible has made, `'# {mark} ANSIBLE MANAGED BLOCK'`. Default: `# {mark} rolecall: NAME`, with the comment
   * sign of `comment`.
   */
  readonly marker?: string
}

export interface BlockOptions extends EditOptions, Named {
  /** The lines between the markers. */
  readonly content: string | Secret
  readonly state?: 'present'
}

export interface NoBlockOptions
  extends Omit<EditOptions, 'insertAfter' | 'insertBefore' | 'firstMatch' | 'create'>, Named {
  /** Remove the block and its markers. */
  readonly state: 'absent'
  readonly content?: string | Secret
}

export type BlockWant = EditWant & {
  readonly name: string
  readonly begin: string
  readonly end: string
  /** The markers are given: no other block is taken for this one. */
  readonly isMarked: boolean
  readonly content: string | Secret
}

/**
 * A block of lines in a text file that belongs to somebody else, between two marker lines:
 * `# BEGIN rolecall: NAME` and `# END rolecall: NAME`. Lines outside it are not touched; a block that is there stays in its place.
 * Line ends (CRLF too) are those of the file. The resource is named `PATH#NAME`.
 *
 * A block that Ansible has made is taken over, with new markers, where it has the same lines, or the name after `ANSIBLE MANAGED BLOCK`; with `marker` it keeps its own.
 *
 * @example
 * block('/etc/hosts', { name: 'lab', content: hosts.map((h) => `${h.address} ${h.name}`).join('\n') })
 * block('/etc/nginx/nginx.conf', { name: 'limits', content: 'client_max_body_size 1g;', insertAfter: /^http \{/, validate: 'nginx -t -c {}' })
 * block('/etc/hosts', { name: 'lab', state: 'absent' })
 * block('/etc/hosts', { name: 'lab', marker: '# {mark} ANSIBLE MANAGED BLOCK', content: '192.0.2.7 db' })
 *
 * Refused: no such file (without `create`), a symbolic link, no UTF-8 text, more than 1 MiB, a marker without its counterpart.
 * Unknown: no such file, and a package that is still to come may bring it.
 *
 * Source: POSIX.1-2017, 3.206 Line.
 */
export function block(path: string, options: BlockOptions | NoBlockOptions): Resource {
  const { name: file, options: given } = read(path, options)
  const { name, content = '' } = given
  const want = editWant(file, given, given.state === 'absent', typeof content === 'object')
  return blockKind(`${file}#${name}`, {
    ...want,
    name,
    ...markers(given),
    isMarked: given.marker !== undefined,
    content,
  })
}

type Comment = NonNullable<Named['comment']>

const oneLine = /^[^\r\n\0]+$/
const COMMENT = 'what begins a comment, such as "#", or a pair of what begins and ends one'

const read = resourceOptions<BlockOptions | NoBlockOptions>()(
  'block',
  (path) => absolute('block', path),
  () => ({
    name: text('one line that is not empty', oneLine),
    comment: value<Comment>(COMMENT, isComment).optional(),
    marker: text(
      'one line with {mark} in it, such as "# {mark} ANSIBLE MANAGED BLOCK"',
      /^[^\r\n\0]*\{mark\}[^\r\n\0]*$/,
    ).optional(),
    content: secretText('a text or a Secret, without NUL', (given) => !given.includes('\0')).optional(),
    ...editOptions(),
  }),
  (options, given) => {
    const { name, comment, marker, content = '', state } = options
    const isMissing = state !== 'absent' && !given.has('content')
    const { begin, end } = markers({ name: name ?? '', comment, marker })
    const holdsMarker = name !== undefined && split(reveal(content)).some((line) => is(begin)(line) || is(end)(line))
    return [
      ...placeOf(options, given),
      comment !== undefined && marker !== undefined
        ? { what: 'comment', expected: 'left out with marker', got: 'both' }
        : undefined,
      isMissing ? { expected: "given content, or state: 'absent'", got: 'neither' } : undefined,
      holdsMarker ? { what: 'content', expected: 'without its own markers', got: 'one of them' } : undefined,
    ]
  },
)

function isComment(given: unknown): boolean {
  const isPart = (part: unknown) => typeof part === 'string' && oneLine.test(part)
  return Array.isArray(given) ? given.length === 2 && given.every(isPart) : isPart(given)
}

interface Marked {
  readonly name: string
  readonly comment?: Comment | undefined
  readonly marker?: string | undefined
}

/** The lines around the block. */
function markers({ name, comment = '#', marker }: Marked) {
  const [open, close] = typeof comment === 'string' ? [comment, ''] : comment
  const text = marker ?? [open, `{mark} rolecall: ${name}`, close].join(' ')
  const line = (word: string) => text.split('{mark}').join(word).trim()
  return { begin: line('BEGIN'), end: line('END') }
}

const blockKind = editKind<BlockWant>({
  name: 'block',
  edit: (want, live) => editBlock(live, want),
  summary: ({ name }) => `block ${name}`,
  declarations: (want) => [[`block ${want.begin} of`, { ...want, name: undefined, path: undefined }, want.path]],
  isSecret: ({ content }) => typeof content === 'object',
})

type Edited = Pick<BlockWant, 'path' | 'begin' | 'end' | 'content' | 'absent' | 'after' | 'before'> &
  Partial<Pick<BlockWant, 'name' | 'isMarked' | 'firstMatch'>>

/** The text with the block in it once, or not at all. What `editBlock` gave, it gives again. */
export function editBlock(live: string, want: Edited): string | Refused {
  const lines = split(live)
  const own = blocksOf(lines, want)
  const [broken] = own
  if (broken !== undefined && 'refused' in broken) return broken
  const [first, ...more] = [...own, ...blocksOfAnsible(lines, want)].flatMap((each) => ('from' in each ? [each] : []))
  const texts = [want.begin, ...split(reveal(want.content)).map((line) => line.text), want.end]
  if (first === undefined) return want.absent ? live : join(insert(lines, texts, want))
  const eol = lines[first.from]?.eol ?? '\n'
  const last = lines[first.to]?.eol ?? eol
  const fresh = want.absent
    ? []
    : texts.map((text, index): Line => ({ text, eol: index === texts.length - 1 ? last : eol }))
  const gone = new Set<number>()
  for (const { from, to } of more) for (let index = from; index <= to; index++) gone.add(index)
  const before = lines.slice(0, first.from).filter((_, index) => !gone.has(index))
  const rest = lines.slice(first.to + 1).filter((_, index) => !gone.has(index + first.to + 1))
  return join([...before, ...fresh, ...rest])
}

interface Lines {
  readonly from: number
  readonly to: number
}

const OF_ANSIBLE = /^(.*?)\bBEGIN ANSIBLE MANAGED BLOCK\b(.*)$/

/** Blocks of Ansible that are this one: with the same lines, or with its name. Lines are read once, from the last to the first. */
function blocksOfAnsible(lines: readonly Line[], { name, content, isMarked, absent }: Edited): Lines[] {
  if (isMarked === true || name === undefined) return []
  const wanted = split(reveal(content)).map((line) => line.text)
  const ends = new Map<string, number>()
  const found: Lines[] = []
  for (let from = lines.length - 1; from >= 0; from--) {
    const text = lines[from]?.text.trimEnd() ?? ''
    if (text.includes('END ANSIBLE MANAGED BLOCK')) ends.set(text, from)
    const [, before = '', after] = OF_ANSIBLE.exec(text) ?? []
    const to = after === undefined ? undefined : ends.get(`${before}END ANSIBLE MANAGED BLOCK${after}`)
    if (after === undefined || to === undefined) continue
    const isNamed = after.replaceAll(/^[\s:(-]+|[\s:)>-]+$/g, '') === name
    const isSame =
      !absent && to - from - 1 === wanted.length && wanted.every((line, at) => line === lines[from + 1 + at]?.text)
    if (isNamed || isSame) found.push({ from, to })
    // What begins above it ends above it.
    ends.clear()
  }
  return found.toReversed()
}

/** Where the blocks are, first line and last; a marker without its counterpart is refused, because nobody knows where the block ends. */
function blocksOf(lines: readonly Line[], { path, begin, end }: Edited): ({ from: number; to: number } | Refused)[] {
  const found: { from: number; to: number }[] = []
  let open: number | undefined
  for (const [index, line] of lines.entries()) {
    if (is(begin)(line) ? open !== undefined : is(end)(line) && open === undefined) return [torn(path, line, index)]
    if (is(begin)(line)) open = index
    if (is(end)(line) && open !== undefined) {
      found.push({ from: open, to: index })
      open = undefined
    }
  }
  const left = open === undefined ? undefined : lines[open]
  return left === undefined || open === undefined ? found : [torn(path, left, open)]
}

function torn(path: string, line: Line, index: number): Refused {
  return {
    refused: `line ${index + 1} of ${path} is a marker without its counterpart: ${line.text}`,
    hint: 'set the markers right by hand, or remove them',
  }
}

/** Blanks that an editor left at the end of a marker do not matter. */
function is(marker: string): (line: Line) => boolean {
  return (line) => line.text.trimEnd() === marker
}
