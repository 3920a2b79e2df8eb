import type { Secret } from '../../secret.ts'
import { editKind, editOptions, editWant, placeOf, reveal, type EditOptions, type EditWant } from './edit.ts'
import type { Refused, Resource } from '../kit/kind.ts'
import { secretText, text, value } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { absolute } from './path/path.ts'
import { insert, join, split, type Line } from '../kit/text.ts'

export interface Named {
  /** Tells the block from others in the same file; it stands in the marker lines. */
  readonly name: string
  /** What begins a comment in this file, or what begins and ends one: `['<!--', '-->']`. Default `'#'`. */
  readonly comment?: string | readonly [string, string]
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
  readonly content: string | Secret
}

/**
 * A block of lines in a text file that belongs to somebody else, between two marker lines:
 * `# BEGIN rolecall: NAME` and `# END rolecall: NAME`. What stands outside is not touched; a block that is there stays in its place.
 * Line ends (CRLF too) are those of the file. The resource is named `PATH#NAME`.
 *
 * @example
 * block('/etc/hosts', { name: 'lab', content: hosts.map((h) => `${h.address} ${h.name}`).join('\n') })
 * block('/etc/nginx/nginx.conf', { name: 'limits', content: 'client_max_body_size 1g;', insertAfter: /^http \{/, validate: 'nginx -t -c {}' })
 * block('/etc/hosts', { name: 'lab', state: 'absent' })
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
  return blockKind(`${file}#${name}`, { ...want, name, ...markers(given), content })
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
    content: secretText('a text or a Secret').optional(),
    ...editOptions(),
  }),
  (options, given) => {
    const { name, comment, content = '', state } = options
    const isMissing = state !== 'absent' && !given.has('content')
    const { begin, end } = markers({ name: name ?? '', comment })
    const holdsMarker = name !== undefined && split(reveal(content)).some((line) => is(begin)(line) || is(end)(line))
    return [
      ...placeOf(options, given),
      isMissing ? { expected: "given content, or state: 'absent'", got: 'neither' } : undefined,
      holdsMarker ? { what: 'content', expected: 'without its own markers', got: 'one of them' } : undefined,
    ]
  },
)

function isComment(given: unknown): boolean {
  const isPart = (part: unknown) => typeof part === 'string' && oneLine.test(part)
  return Array.isArray(given) ? given.length === 2 && given.every(isPart) : isPart(given)
}

/** The lines around the block. */
function markers({ name, comment = '#' }: { readonly name: string; readonly comment?: Comment | undefined }) {
  const [open, close] = typeof comment === 'string' ? [comment, ''] : comment
  const marker = (word: string) => [open, `${word} rolecall: ${name}`, close].join(' ').trim()
  return { begin: marker('BEGIN'), end: marker('END') }
}

const blockKind = editKind<BlockWant>({
  name: 'block',
  edit: (want, live) => editBlock(live, want),
  summary: ({ name }) => `block ${name}`,
  isSecret: ({ content }) => typeof content === 'object',
})

type Edited = Pick<BlockWant, 'path' | 'begin' | 'end' | 'content' | 'absent' | 'after' | 'before'>

/** The text with the block in it once, or not at all. What `editBlock` gave, it gives again. */
export function editBlock(live: string, want: Edited): string | Refused {
  const lines = split(live)
  const [first, ...more] = blocksOf(lines, want)
  if (first !== undefined && 'refused' in first) return first
  const texts = [want.begin, ...split(reveal(want.content)).map((line) => line.text), want.end]
  if (first === undefined) return want.absent ? live : join(insert(lines, texts, want))
  const eol = lines[first.from]?.eol ?? '\n'
  const last = lines[first.to]?.eol ?? eol
  const fresh = want.absent
    ? []
    : texts.map((text, index): Line => ({ text, eol: index === texts.length - 1 ? last : eol }))
  const gone = new Set<number>()
  for (const one of more) if ('from' in one) for (let index = one.from; index <= one.to; index++) gone.add(index)
  const rest = lines.slice(first.to + 1).filter((_, index) => !gone.has(index + first.to + 1))
  return join([...lines.slice(0, first.from), ...fresh, ...rest])
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
