import { randomBytes } from 'node:crypto'
import { GrowingBuffer } from './growing-buffer.ts'
import { ShellFunction, quote, Sh } from './quote.ts'
import { remains } from './remains.sh.ts'
import { sections } from './sections.sh.ts'

/**
 * Many small scripts travel as one, and their answers come back in one stream. Each answer stands between two marks that hold a random word, so the
 * content of a file can never be taken for a mark. Bytes pass through unchanged.
 */
export interface Section extends Part {
  readonly sh: Sh
  /** Runs before all sections, in the shell of the whole script: its variables are visible to each section. */
  readonly shared?: Sh
  /** Seconds after which the section and its children are ended, with exit status 124. */
  readonly deadline?: number
  /**
   * A read-only section: no stdin, stderr discarded, so no marks are sent there (they are half of what travels). A `parallel` one runs at the same
   * time as the others, which must not depend on it, and is answered after them.
   */
  readonly question?: 'sequential' | 'parallel'
}

/** A part of a script with its own answer. */
export interface Part {
  readonly name: string
  /** Bytes of the script's shared standard input that belong to this section. */
  readonly stdinBytes?: number
  /** Ends the whole script when this section fails. */
  readonly stopOnFailure?: boolean
  /** Only this many of the last bytes of each stream are kept in the answer; a watcher still sees all. Default: all are kept. */
  readonly keepLast?: number
  /** A longer answer is an error, where all of it is kept. Default 8 MiB. */
  readonly mostBytes?: number
}

/**
 * Several parts in one script of their own. The script reports progress by `m s AT` before and `m e AT STATUS` after each part, counted from 0, and
 * ends with the status of the first part that failed. It reads the input of all parts itself.
 */
export interface Bundle {
  readonly parts: readonly Part[]
  readonly sh: Sh
  /** Seconds, as in a section. */
  readonly deadline: number
}

export interface Answer {
  readonly name: string
  readonly code: number
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

export interface Framed {
  readonly script: string
  /** Runs before the script, in the shell that lives as long as the run. */
  readonly own: string | undefined
  readonly parts: readonly Part[]
  readonly mark: string
}

/**
 * Joins sections into one script. Each runs in a subshell, or restores the shell that it shares; no section sees the variables of another.
 * The sections of `then` run in any case, also after an earlier section stopped.
 */
export function frame(
  asked: readonly (Section | Bundle)[],
  then: readonly Section[] = [],
  mark = `=${randomBytes(9).toString('hex')}`,
): Framed {
  const all = [...asked, ...then]
  const needsPrelude = all.some(
    (each) => isBundle(each) || each.stdinBytes !== undefined || each.deadline !== undefined,
  )
  const parts: Part[] = []
  const numbered = (some: readonly (Section | Bundle)[]) =>
    some.map((each): Numbered => {
      const first = parts.length
      parts.push(...(isBundle(each) ? each.parts : [each]))
      return { each, first }
    })
  const writeAll = (some: readonly (Section | Bundle)[]) => {
    const written = numbered(some)
    const shared = some.flatMap((each) => (isBundle(each) || each.shared === undefined ? [] : [each.shared.text]))
    const questions = written.flatMap(({ each, first }) =>
      isBundle(each) || each.question === undefined ? [] : [{ ...each, first }],
    )
    if (questions.length < written.length || written.length === 0)
      return [...shared, ...written.map((one) => writeOne(one, mark))]
    const parallel = writeQuestions(questions.filter(({ question }) => question === 'parallel'))
    const others = writeQuestions(questions.filter(({ question }) => question !== 'parallel'))
    // The output of the parallel ones waits in the pipe; `cat` prints it last.
    const all =
      parallel.length === 0 ? others : ['(', ...parallel, ') | {', 'exec 8<&0 </dev/null', ...others, 'cat <&8', '}']
    return [...shared, '{', ...all, '} </dev/null 2>/dev/null']
  }
  const script = [
    `q() { ${says(mark)}; }\nm() { q "$1"; q "$1" >&2; }`,
    ...(needsPrelude ? [sections] : []),
    ...(then.length === 0 ? [] : [remains, '(']),
    ...writeAll(asked),
    ...(then.length === 0 ? [] : [') || remains', ...writeAll(then)]),
    'exit 0',
  ].join('\n')
  const own = new Set(
    all.flatMap((each) => (each.sh instanceof ShellFunction && each.sh.own ? [each.sh.own.text] : [])),
  )
  return { script, own: own.size === 0 ? undefined : [...own].join('\n'), mark, parts }
}

function isBundle(each: Section | Bundle): each is Bundle {
  return 'parts' in each
}

/** A section with the number of its first part. */
interface Numbered {
  readonly each: Section | Bundle
  readonly first: number
}

/** The mark stands on a line of its own, after an empty one. Each `echo` is a packet of its own for sshd, so two marks may share one. */
function says(mark: string): string {
  return `echo "\n${mark} $1\${2+\n\n${mark} $2}"`
}

/** The mark in a framed script, for a stand-in that answers without a shell. */
export function markIn(script: string): string | undefined {
  return /echo "\n(=[0-9a-f]+) \$1/.exec(script)?.[1]
}

function writeQuestions(questions: readonly (Section & Pick<Numbered, 'first'>)[]): string[] {
  return questions.flatMap(({ sh, first }, at) => {
    const next = questions[at + 1]
    const begin = at === 0 ? [`q 's ${first}'`] : []
    const end = `q "e ${first} $?"${next === undefined ? '' : ` 's ${next.first}'`}`
    return [...begin, sh instanceof ShellFunction ? sh.text : `(\n${sh.text}\n)`, end]
  })
}

function writeOne({ each, first }: Numbered, mark: string): string {
  if (isBundle(each)) return writeBundle(each, first, mark)
  const stop = each.stopOnFailure === true ? '; [ "$r" = 0 ] || exit "$r"' : ''
  return `m 's ${first}'\n${body(each)}\nr=$?; m "e ${first} $r"${stop}`
}

/** A bundle that ends without a report (its deadline, a signal) fails the part it was at: `x FIRST COUNT STATUS`. */
function writeBundle({ parts, sh, deadline }: Bundle, first: number, mark: string): string {
  const say = `q() { ${says(mark)}; }\nm() { set -- "$1 $((${first}+$2))\${3+ $3}"; q "$1"; q "$1" >&2; }`
  const input = parts.some((part) => part.stdinBytes !== undefined) ? '' : ' </dev/null'
  const run = `limit ${deadline} ${quote(`${say}\n${sh.text}`)}${input}`
  return `${run}\nr=$?; [ "$r" = 0 ] || { m "x ${first} ${parts.length} $r"; exit "$r"; }`
}

function body({ sh, stdinBytes, deadline }: Section): string {
  const run = deadline === undefined ? `(\n${sh.text}\n)` : `limit ${deadline} ${quote(sh.text)}`
  return stdinBytes === undefined ? `${run} </dev/null` : `take ${stdinBytes} | ${run}`
}

/** What the reader of a stream reports as data arrives. */
export type FrameEvent =
  | { readonly type: 'start'; readonly name: string }
  | { readonly type: 'data'; readonly name: string; readonly bytes: Uint8Array }
  | { readonly type: 'end'; readonly name: string; readonly code: number; readonly bytes: Uint8Array }

/** The limit in bytes of an answer that is kept whole, unless its part sets another one. */
const MOST_BYTES = 8 * 1024 * 1024
/** The limit in bytes of what a watcher of a step sees. */
const MOST_WATCHED = 8 * 1024 * 1024
/** What follows a mark: a letter and three numbers. */
const LONGEST_WORD = 64

/**
 * Reads one of the two streams of a framed script as it arrives, in pieces of any size.
 *
 * Throws an Error in plain words when an answer is out of turn, comes twice, or is too long: a host may send anything.
 *
 * `data` is for watchers; `end` has all output of a section, without the newline that belongs to the mark.
 */
export class FrameReader {
  readonly #mark: Buffer
  readonly #parts: readonly Part[]
  readonly #tell: (event: FrameEvent) => void
  #pending = Buffer.alloc(0)
  #part: Part | undefined
  #answer = new GrowingBuffer()
  #watched = 0
  readonly #started = new Set<Part>()
  readonly #ended = new Map<string, number>()

  constructor(mark: string, parts: readonly Part[], tell: (event: FrameEvent) => void) {
    this.#mark = Buffer.from(`\n${mark} `)
    this.#parts = parts
    this.#tell = tell
  }

  push(chunk: Uint8Array): void {
    this.#pending = this.#pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#pending, chunk])
    for (;;) {
      const at = this.#pending.indexOf(this.#mark)
      if (at < 0) break
      const end = this.#pending.indexOf(10, at + this.#mark.length)
      if ((end < 0 ? this.#pending.length : end) - at - this.#mark.length > LONGEST_WORD)
        throw new Error('a mark is followed by no known word')
      this.#keep(at)
      if (end < 0) return
      const word = this.#pending.toString('latin1', this.#mark.length, end - at)
      this.#pending = this.#pending.subarray(end - at + 1)
      this.#turn(word)
    }
    // All bytes but those that could be the beginning of a mark are content already.
    this.#keep(this.#pending.length - beginningOf(this.#mark, this.#pending))
  }

  #keep(count: number): void {
    if (count === 0) return
    const bytes = this.#pending.subarray(0, count)
    this.#pending = this.#pending.subarray(count)
    if (this.#part === undefined) return
    const { name, keepLast, mostBytes = MOST_BYTES } = this.#part
    this.#answer.push(bytes)
    if (keepLast !== undefined) this.#answer.keepLast(keepLast)
    else if (this.#answer.length > mostBytes) throw new Error(`the answer of ${name} has more than ${mostBytes} bytes`)
    this.#watched += bytes.length
    if (this.#watched <= MOST_WATCHED) this.#tell({ type: 'data', name, bytes })
  }

  #turn(word: string): void {
    const [, kind, first, second, third] = /^([sex]) (\d{1,6})(?: (\d{1,6}))?(?: (\d{1,3}))?$/.exec(word) ?? []
    const part = first === undefined ? undefined : this.#parts[Number(first)]
    if (part === undefined) throw new Error('a mark is followed by no known word')
    if (kind === 's') this.#start(part)
    else if (second === undefined) throw new Error(`the answer of ${part.name} ends without a status`)
    else if (kind === 'e') this.#end(part, Number(second))
    else this.#cutOff(Number(first), Number(second), Number(third ?? 1))
  }

  #start(part: Part): void {
    if (this.#started.has(part)) throw new Error(`${part.name} is answered twice`)
    this.#started.add(part)
    this.#part = part
    this.#answer = new GrowingBuffer()
    this.#watched = 0
    this.#tell({ type: 'start', name: part.name })
  }

  #end(part: Part, code: number): void {
    if (this.#part !== part) throw new Error(`the answer of ${part.name} is out of turn`)
    this.#part = undefined
    this.#ended.set(part.name, code)
    this.#tell({ type: 'end', name: part.name, code, bytes: this.#answer.last(part.keepLast) })
  }

  #cutOff(first: number, count: number, status: number): void {
    const bundle = this.#parts.slice(first, first + count)
    if (bundle.some(({ name }) => (this.#ended.get(name) ?? 0) !== 0)) return
    const open = bundle.find(({ name }) => !this.#ended.has(name))
    if (open === undefined) return
    if (this.#part !== open) this.#start(open)
    this.#end(open, status)
  }
}

/** How many bytes at the end of `bytes` could be the beginning of `mark`. */
export function beginningOf(mark: Buffer, bytes: Buffer): number {
  for (let length = Math.min(mark.length - 1, bytes.length); length > 0; length--)
    if (mark.subarray(0, length).equals(bytes.subarray(bytes.length - length))) return length
  return 0
}
