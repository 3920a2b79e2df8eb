import { knownSecrets, MASK } from '../secret.ts'
import { Finder, type Span } from './finder.ts'
import { formsOf } from './forms.ts'

const finder = new Finder()
let learned = 0

/** Secrets become known while a run goes on. */
function upToDate(): Finder {
  const news = knownSecrets(learned)
  learned += news.length
  for (const { text, byLine } of news) for (const form of formsOf(text, byLine)) finder.add(form)
  return finder
}

/** How many texts are masked: what was shown before another one became known may have to be shown in another way now. */
export function maskedCount(): number {
  upToDate()
  return learned
}

/**
 * Masks every secret of this process that stands in a text, as it is or in one of its usual encodings. Secrets that overlap are masked as one.
 *
 * To be done before a text is cut: a piece of a secret is found by nobody.
 */
export function redact(text: string): string {
  const known = upToDate()
  const visible = text.includes('://') ? text.replaceAll(PASSWORD_IN_URL, `$1${MASK}@`) : text
  return known.isEmpty ? visible : masked(visible, known.find(visible))
}

/** `postgres://app:hunter2@db`: there it is a password, whoever wrote it. */
const PASSWORD_IN_URL = /(:\/\/[^\s/:@]*:)[^\s/@]+@/g

/** Whether a secret of this process stands in a text. */
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

/** More than this, beside the longest secret, is not held back, whatever it may become. */
const MOST_HELD = 4096

/** Masks secrets in a text that comes in pieces: what may be the beginning of one waits for what comes after it. */
export class RedactedStream {
  #held = ''
  /** How much of it has been looked at. */
  #seen = 0

  /** What can be shown now. */
  take(text: string): string {
    const all = this.#held + text
    // Much is held back: it is looked at again when it has grown by an eighth, so that a host which sends single letters costs no more than others.
    if (this.#held.length > MOST_HELD && all.length < this.#seen * 1.125) {
      this.#held = all
      return ''
    }
    const known = upToDate()
    if (known.isEmpty) return this.#keep(all, endsInReturn(all) ? all.length - 1 : all.length)
    const spans = known.find(all)
    const open = Math.min(known.mayBeginAt(all), endsInReturn(all) ? all.length - 1 : all.length)
    // A secret that was found, and in which another one may begin, waits with that.
    const cut = spans.find(([from, to]) => from < open && to > open)?.[0] ?? open
    if (all.length - cut > known.longest + MOST_HELD) return masked(this.#keep(all, all.length), spans)
    return masked(
      this.#keep(all, cut),
      spans.filter(([, to]) => to <= cut),
    )
  }

  /** The rest, when nothing comes any more. */
  end(): string {
    return redact(this.#keep(this.#held, this.#held.length))
  }

  #keep(all: string, shown: number): string {
    this.#held = all.slice(shown)
    this.#seen = this.#held.length
    return all.slice(0, shown)
  }
}

/** Its newline may be in the next piece. */
function endsInReturn(text: string): boolean {
  return text.endsWith('\r')
}
