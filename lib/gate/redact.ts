import { processState } from '../process-state.ts'
import { knownSecrets, MASK } from '../secret.ts'
import { Finder, type Span } from './finder.ts'
import { formsOf } from './forms.ts'

const masks = processState(() => ({ finder: new Finder(), learned: 0 }))

/** The finder for all secrets so far: further ones become known during a run. */
function upToDate(): Finder {
  const state = masks()
  const news = knownSecrets(state.learned)
  state.learned += news.length
  for (const { text, byLine } of news) for (const form of formsOf(text, byLine)) state.finder.add(form)
  return state.finder
}

/** The number of masked texts. After it has changed, a text may have to be shown differently. */
export function maskedCount(): number {
  upToDate()
  return masks().learned
}

/**
 * Masks every secret of this process in a text, as it is or in one of its usual encodings. Secrets that overlap become one mask.
 *
 * Call this before a text is cut, because a part of a secret is not found.
 */
export function redact(text: string): string {
  const known = upToDate()
  const visible = text.includes('://') ? text.replaceAll(PASSWORD_IN_URL, `$1${MASK}@`) : text
  return known.isEmpty ? visible : masked(visible, known.find(visible))
}

/** `postgres://app:hunter2@db`: the part before `@` is a password, declared as a secret or not. */
const PASSWORD_IN_URL = /(:\/\/[^\s/:@]*:)[^\s/@]+@/g

/** Whether a text holds a secret of this process. */
export function showsSecret(text: string): boolean {
  const known = upToDate()
  return !known.isEmpty && known.find(text).length > 0
}

function masked(text: string, spans: readonly Span[]): string {
  let shown = ''
  let at = 0
  for (const [from, to] of spans) {
    shown += text.slice(at, from) + MASK
    at = to
  }
  return at === 0 ? text : shown + text.slice(at)
}

/** The number of characters that may be held back, besides the longest secret. */
const MOST_HELD = 4096

/** Masks secrets in a text that arrives in pieces. The possible beginning of a secret is held back until the next piece arrives. */
export class RedactedStream {
  #held = ''
  /** The length of the held text that has been checked. */
  #seen = 0

  /** The part that can be shown now. */
  take(text: string): string {
    const all = this.#held + text
    // A long held text is checked again only after it has grown by an eighth, so that output in single characters costs no more than output in lines.
    if (this.#held.length > MOST_HELD && all.length < this.#seen * 1.125) {
      this.#held = all
      return ''
    }
    const known = upToDate()
    if (known.isEmpty) return this.#keep(all, endsInReturn(all) ? all.length - 1 : all.length)
    const spans = known.find(all)
    const open = Math.min(known.mayBeginAt(all), endsInReturn(all) ? all.length - 1 : all.length)
    // A complete secret is held back too, if another one may begin in it.
    const cut = spans.find(([from, to]) => from < open && to > open)?.[0] ?? open
    if (all.length - cut > known.longest + MOST_HELD) return masked(this.#keep(all, all.length), spans)
    return masked(
      this.#keep(all, cut),
      spans.filter(([, to]) => to <= cut),
    )
  }

  /** The rest, after the last piece. */
  end(): string {
    return redact(this.#keep(this.#held, this.#held.length))
  }

  #keep(all: string, shown: number): string {
    this.#held = all.slice(shown)
    this.#seen = this.#held.length
    return all.slice(0, shown)
  }
}

/** The newline after a final carriage return may be in the next piece. */
function endsInReturn(text: string): boolean {
  return text.endsWith('\r')
}
