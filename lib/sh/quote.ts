import { inspect } from 'node:util'
import { RolecallError } from '../errors.ts'
import { placeOfCall } from '../place.ts'
import { isSecret, MASK, secretAsText, type Secret } from '../secret.ts'

/** POSIX shell text that is safe to run. Only `sh` and `raw` make one, so data cannot become code by accident. */
export class Sh {
  /**
   * The text to run, without the functions that it calls.
   *
   * @internal
   */
  readonly body: string
  /** For display: the body, with secrets masked. */
  readonly shown: string
  /**
   * The definitions of shared functions that the body calls. See `shellFunctions`.
   *
   * @internal
   */
  readonly functions: readonly string[]

  constructor(body: string, shown = body, functions: readonly string[] = []) {
    this.body = body
    this.shown = shown
    this.functions = functions
  }

  /** The whole text, which any shell can run: the functions, then the body. */
  get text(): string {
    return this.functions.length === 0 ? this.body : [...this.functions, this.body].join('\n')
  }

  /** Whether the text holds a secret. */
  get isSecret(): boolean {
    return this.shown !== this.body
  }

  /** Throws if the text holds a secret, as a `Secret` itself does. */
  toString(): string {
    if (this.isSecret) throw secretAsText()
    return this.text
  }

  /** @internal */
  toJSON(): object {
    if (this.isSecret) throw secretAsText()
    return { text: this.text }
  }

  /** @internal */
  [inspect.custom](): string {
    return `sh\`${this.shown}\``
  }
}

export type Word = string | number | Sh | Secret

/**
 * Writes POSIX sh in which every interpolated value is one quoted word.
 *
 * Strings, numbers and secrets are quoted; an array becomes its quoted words separated by spaces; another `Sh` is inserted as it is.
 *
 * A secret is shown as `***` wherever the command is shown, but the command itself gets it. A secret among a program's own arguments is in the host's
 * process list while the program runs. So pass it through a pipe from `printf`, which is part of the shell, or by `env` or `stdin` of `exec`.
 *
 * @example
 * sh`install -d -m ${'0755'} ${path}`     // install -d -m '0755' '/srv/it'"'"'s here'
 * sh`${cond} && rm -- ${files}`           // cond is an Sh, files a string[]
 * sh`printf %s ${token} | app login --token-stdin`
 *
 * Source: POSIX.1-2017, Shell Command Language, 2.2.2 Single-Quotes.
 */
export function sh(parts: TemplateStringsArray, ...values: readonly (Word | readonly Word[])[]): Sh {
  let text = parts[0] ?? ''
  let shown: string | undefined
  for (const [index, value] of values.entries()) {
    const written = isList(value) ? value.map(word).join(' ') : word(value)
    if (shown !== undefined || masks(value))
      shown = (shown ?? text) + (isList(value) ? value.map(shownWord).join(' ') : shownWord(value))
    text += written
    text += parts[index + 1] ?? ''
    if (shown !== undefined) shown += parts[index + 1] ?? ''
  }
  return new Sh(text, shown, functionsOf(values.flat()))
}

/** Shell text from the user who runs it, such as a role's own command line. Never for data. */
export function raw(text: string): Sh {
  return new Sh(text)
}

/** Text that leaves its shell unchanged, so that it may share one with others. */
export class ShellFunction extends Sh {
  /** Runs before the text in the shell that lives as long as the run, and prints nothing: later texts see the variables that it sets. */
  readonly own: Sh | undefined

  constructor(body: string, functions: readonly string[], own?: Sh) {
    super(body, body, functions)
    this.own = own
  }
}

/**
 * Definitions of functions that several texts share. If a text is inserted into another one, its functions are defined first there, each once. The
 * shell of a host keeps them for the whole run, so they are sent once, however many questions call them.
 *
 * The text defines functions and runs nothing. Two texts must not define different functions with the same name: `test/sh/shell-functions.test.ts`
 * checks this.
 *
 * @example
 * const count = shellFunctions('count() { wc -l <"$1"; }')
 * lines(count, sh`count ${path}`)
 */
export function shellFunctions(definitions: string): Sh {
  return new Sh('', '', [definitions])
}

/**
 * Makes the text a function with local variables, so that the question needs no process of its own (a fork takes 0.5 ms). The body ends early with
 * `return`, never with `exit`, sets only the variables named here, and does not change the directory.
 *
 * `own` runs before the function, in the shell that lives as long as the run, and prints nothing: every later question sees the variables that it
 * sets.
 *
 * @example
 * probe: ({ path }) => inline(['n'], sh`n=$(wc -l <${path}) || return 1; echo "lines $n"`)
 *
 * Source: `local` is no part of POSIX.1-2017; dash(1), bash(1) and busybox sh have it.
 */
export function shellFunction(variables: readonly string[], body: Sh, own?: Sh): ShellFunction {
  const local = variables.length === 0 ? '' : `local ${variables.join(' ')}\n`
  return new ShellFunction(`asked() {\n${local}${body.body}\n}\nasked`, body.functions, own)
}

/** Joins pieces of shell text with newlines. */
export function lines(...pieces: readonly Sh[]): Sh {
  const bodies = pieces.filter(({ body, functions }) => body !== '' || functions.length === 0)
  const body = bodies.map((piece) => piece.body).join('\n')
  const isSecret = pieces.some((piece) => piece.isSecret)
  return new Sh(body, isSecret ? bodies.map(({ shown }) => shown).join('\n') : body, functionsOf(pieces))
}

/** The functions of all shell texts among these, each once. */
function functionsOf(values: readonly (Word | readonly Word[])[]): readonly string[] {
  const found = values.flatMap((value) => (value instanceof Sh ? value.functions : []))
  return found.length < 2 ? found : [...new Set(found)]
}

/** One POSIX single-quoted word. NUL is refused, because no shell word can hold it, and half of a character. */
export function quote(text: string): string {
  if (text.includes('\0')) throw new TypeError('Expected shell word without NUL bytes')
  // Half of a character has no encoding in bytes: the host would get another one.
  if (!text.isWellFormed()) throw new TypeError('Expected shell word of whole characters, got half of one')
  if (/^[\w@%+=:,./-]+$/.test(text)) return text
  return `'${text.replaceAll("'", `'"'"'`)}'`
}

function word(value: Word): string {
  if (value instanceof Sh) return value.body
  if (isSecret(value)) return quote(value.reveal())
  return quote(textOfWord(value))
}

/**
 * The text of a value that becomes one word. Throws a RolecallError with the place of the call for a value without one: in untyped code `undefined`
 * would become the word `undefined`, and `rm -r ${directory}/cache` would name another directory.
 *
 * @internal
 */
export function textOfWord(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) return String(value)
  const got = value === null || typeof value === 'number' ? String(value) : withArticle(typeof value)
  const place = placeOfCall()
  throw new RolecallError({
    code: 'playbook',
    message: `Expected a word of a command to be a text or a number, got ${got}`,
    ...(place === undefined ? {} : { place }),
    expected: 'a text, a number, a Secret, or a list of these',
    got,
    hint: 'see where the value comes from; write String(...) where its text is meant',
  })
}

function withArticle(type: string): string {
  return type === 'undefined' ? type : `${type === 'object' ? 'an' : 'a'} ${type}`
}

function shownWord(value: Word): string {
  if (isSecret(value)) return MASK
  return value instanceof Sh ? value.shown : word(value)
}

function masks(value: Word | readonly Word[]): boolean {
  return isList(value) ? value.some(masks) : isSecret(value) || (value instanceof Sh && value.isSecret)
}

function isList(value: Word | readonly Word[]): value is readonly Word[] {
  return Array.isArray(value)
}
