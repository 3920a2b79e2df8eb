import { randomBytes } from 'node:crypto'
import { ShellFunction, quote, Sh } from './quote.ts'
import { ownStreams } from './own-streams.sh.ts'
import { sections } from './sections.sh.ts'

/** A small script of its own, one of many that are sent as one. */
export interface Section extends Part {
  readonly sh: Sh
  /** Runs before all sections, in the shell of the whole script: every section sees its variables. */
  readonly shared?: Sh
  /** Seconds after which the section and its children are ended, with exit status 124. */
  readonly deadline?: number
  /**
   * A read-only section: no stdin, stderr discarded. No marks are sent on stderr, which would be half of the traffic. A `parallel` section runs at
   * the same time as the others, which must not depend on it, and is answered after them.
   */
  readonly question?: 'sequential' | 'parallel'
}

/** A part of a script with its own answer. */
export interface Part {
  readonly name: string
  /** The resource that it is about, for messages. */
  readonly of?: string
  /** Bytes of the script's shared standard input that belong to this section. */
  readonly stdinBytes?: number
  /** Ends the whole script when this section fails. */
  readonly stopOnFailure?: boolean
  /** Only this many of the last bytes of each stream are kept in the answer; a watcher still sees all. Default: all are kept. */
  readonly keepLast?: number
  /** A longer answer is an error, unless only its end is kept. Default 8 MiB. */
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

interface Framed {
  readonly script: Sh
  /** Runs before the script, in the shell that lives as long as the run. */
  readonly own: string | undefined
  readonly parts: readonly Part[]
  readonly mark: string
}

/**
 * Joins sections into one script, whose answers come back in one stream. Each answer is between two marks with a random word, so a file's content can
 * never be taken for a mark. Bytes pass through unchanged.
 *
 * Each section runs in a subshell, or restores the shell that it shares; no section sees another's variables. The sections of
 * `then` always run, even after an earlier section stopped.
 */
export function frame(
  asked: readonly (Section | Bundle)[],
  then: readonly Section[] = [],
  mark = `=${randomBytes(9).toString('hex')}`,
): Framed {
  const all = [...asked, ...then]
  const writer = new SectionWriter(mark)
  const script = [
    `q() { ${says(mark)}; }\nm() { q "$1"; q "$1" >&2; }`,
    ...(then.length === 0 ? writer.write(asked) : ['(', ...writer.write(asked), ')', ...writer.write(then)]),
    'exit 0',
  ].join('\n')
  const owns = all.flatMap(({ sh }) => (sh instanceof ShellFunction && sh.own !== undefined ? [sh.own] : []))
  const own = new Set(owns.map((each) => each.body))
  const functions = new Set([
    ...(all.some(needsPrelude) ? [ownStreams, sections] : []),
    ...owns.flatMap((each) => each.functions),
    ...all.flatMap(calledHere),
  ])
  return {
    script: new Sh(script, script, [...functions]),
    own: own.size === 0 ? undefined : [...own].join('\n'),
    mark,
    parts: writer.parts,
  }
}

/** Writes sections as lines of one script, and numbers their parts. */
class SectionWriter {
  /** The parts of all sections that were written. */
  readonly parts: Part[] = []
  readonly #mark: string

  constructor(mark: string) {
    this.#mark = mark
  }

  write(sections: readonly (Section | Bundle)[]): string[] {
    const numbered = sections.map((each) => this.#number(each))
    const shared = sections.flatMap((each) => (isBundle(each) || each.shared === undefined ? [] : [each.shared.body]))
    const questions = numbered.flatMap(({ each, first }) =>
      isBundle(each) || each.question === undefined ? [] : [{ ...each, first }],
    )
    const hasOnlyQuestions = questions.length === numbered.length && numbered.length > 0
    return [
      ...shared,
      ...(hasOnlyQuestions ? questionBlock(questions) : numbered.map((one) => writeOne(one, this.#mark))),
    ]
  }

  #number(each: Section | Bundle): Numbered {
    const first = this.parts.length
    this.parts.push(...(isBundle(each) ? each.parts : [each]))
    return { each, first }
  }
}

type Question = Section & Pick<Numbered, 'first'>

/** Read-only sections need no mark on standard error, and share their redirections. */
function questionBlock(questions: readonly Question[]): string[] {
  const parallel = writeQuestions(questions.filter(({ question }) => question === 'parallel'))
  const others = writeQuestions(questions.filter(({ question }) => question !== 'parallel'))
  // The output of parallel sections waits in the pipe; `cat` prints it last.
  const all =
    parallel.length === 0 ? others : ['(', ...parallel, ') | {', 'exec 8<&0 </dev/null', ...others, 'cat <&8', '}']
  return ['{', ...all, '} </dev/null 2>/dev/null']
}

/** Whether a section reads input or has a deadline, for which the script needs functions. */
function needsPrelude(each: Section | Bundle): boolean {
  return isBundle(each) || each.stdinBytes !== undefined || each.deadline !== undefined
}

/** The functions that a section calls in the shell of the script. A section with a deadline runs in a shell of its own, and has all functions in its text. */
function calledHere(each: Section | Bundle): readonly string[] {
  if (isBundle(each)) return []
  return [...(each.shared?.functions ?? []), ...(each.deadline === undefined ? each.sh.functions : [])]
}

function isBundle(each: Section | Bundle): each is Bundle {
  return 'parts' in each
}

/** A section with the number of its first part. */
interface Numbered {
  readonly each: Section | Bundle
  readonly first: number
}

/** The mark is on a line of its own, after an empty one. sshd sends each `echo` as a packet of its own, so two marks may share one `echo`. */
function says(mark: string): string {
  return `echo "\n${mark} $1\${2+\n\n${mark} $2}"`
}

/** The mark in a framed script, for a stand-in that answers without a shell. */
export function markIn(script: string): string | undefined {
  return /echo "\n(=[0-9a-f]+) \$1/.exec(script)?.[1]
}

function writeQuestions(questions: readonly Question[]): string[] {
  return questions.flatMap(({ sh, first }, at) => {
    const next = questions[at + 1]
    const begin = at === 0 ? [`q 's ${first}'`] : []
    const end = `q "e ${first} $?"${next === undefined ? '' : ` 's ${next.first}'`}`
    return [...begin, sh instanceof ShellFunction ? sh.body : `(\n${sh.body}\n) 8<&-`, end]
  })
}

function writeOne({ each, first }: Numbered, mark: string): string {
  if (isBundle(each)) return writeBundle(each, first, mark)
  const stop = each.stopOnFailure === true ? '; [ "$r" = 0 ] || exit "$r"' : ''
  return `m 's ${first}'\n${body(each)}\nr=$?; m "e ${first} $r"${stop}`
}

/** A bundle that ends without a report (its deadline, a signal) fails the part that was running: `x FIRST COUNT STATUS`. */
function writeBundle({ parts, sh, deadline }: Bundle, first: number, mark: string): string {
  const say = `q() { ${says(mark)}; }\nm() { set -- "$1 $((${first}+$2))\${3+ $3}"; q "$1"; q "$1" >&2; }`
  const input = parts.some((part) => part.stdinBytes !== undefined) ? '' : ' </dev/null'
  const run = `limit ${deadline} ${quote(`${say}\n${sh.text}`)}${input}`
  return `${run}\nr=$?; [ "$r" = 0 ] || { m "x ${first} ${parts.length} $r"; exit "$r"; }`
}

function body({ sh, stdinBytes, deadline }: Section): string {
  const run = deadline === undefined ? `(\n${sh.body}\n)` : `limit ${deadline} ${quote(sh.text)}`
  return stdinBytes === undefined ? `${run} </dev/null` : `give ${stdinBytes} | ${run}`
}
