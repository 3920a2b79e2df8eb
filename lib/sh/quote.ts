import { inspect } from 'node:util'
import { isSecret, MASK, secretAsText, type Secret } from '../secret.ts'

/** POSIX shell text that is safe to run. Only `sh` and `raw` make one, so data cannot become code by accident. */
export class Sh {
  readonly text: string
  /** For display: secrets are masked. */
  readonly shown: string

  constructor(text: string, shown = text) {
    this.text = text
    this.shown = shown
  }

  /** Whether the text holds a secret. */
  get isSecret(): boolean {
    return this.shown !== this.text
  }

  /** Throws when the text holds a secret, as a `Secret` itself does. */
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
 * Strings, numbers and secrets are quoted; an array becomes its quoted words with spaces between; another `Sh` goes in as it is.
 *
 * A secret is shown as `***` wherever the command is shown. The command itself gets it: a secret that is a word of a program's own arguments stands in the
 * host's process list while the program runs, so give it by a pipe from `printf`, which is part of the shell, or by `env` or `stdin` of `exec`.
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
  return new Sh(text, shown)
}

/** Shell text by the person who runs it, such as a role's own command line. Never for data. */
export function raw(text: string): Sh {
  return new Sh(text)
}

/** Text that leaves its shell unchanged, so that it may share one with others. */
export class ShellFunction extends Sh {
  /** Runs before the text in the shell that lives as long as the run, and prints nothing: later texts see the variables that it sets. */
  readonly own: Sh | undefined

  constructor(text: string, own?: Sh) {
    super(text)
    this.own = own
  }
}

/**
 * Makes text the body of a function with local variables: such a question needs no process of its own (a fork takes 0.5 ms). The body ends early by
 * `return`, never by `exit`, sets only the variables that are named here, and does not change the directory.
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
  return new ShellFunction(`asked() {\n${local}${body.text}\n}\nasked`, own)
}

/** Joins pieces of shell text with newlines. */
export function lines(...pieces: readonly Sh[]): Sh {
  const text = pieces.map((piece) => piece.text).join('\n')
  return pieces.some((piece) => piece.isSecret)
    ? new Sh(text, pieces.map(({ shown }) => shown).join('\n'))
    : new Sh(text)
}

/** One POSIX single-quoted word. NUL is refused, because no shell word can hold it. */
export function quote(text: string): string {
  if (text.includes('\0')) throw new TypeError('Expected shell word without NUL bytes')
  if (/^[\w@%+=:,./-]+$/.test(text)) return text
  return `'${text.replaceAll("'", `'"'"'`)}'`
}

function word(value: Word): string {
  if (value instanceof Sh) return value.text
  return quote(isSecret(value) ? value.reveal() : String(value))
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
