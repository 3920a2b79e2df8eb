import { isIPv6 } from 'node:net'

/** One part of a pattern: what it does to the hosts chosen so far, and which hosts it means. */
export interface Part {
  /** As the user wrote it, for messages. */
  readonly text: string
  readonly effect: 'add' | 'keep' | 'drop'
  readonly term: Term
}

export type Term =
  /** The name of a host or a group, `all` and `*` among them. */
  | { readonly kind: 'name'; readonly name: string; readonly slice?: Slice }
  /** `node-0*`, `db?`, `web[1-3]`. */
  | { readonly kind: 'wildcard'; readonly shape: RegExp; readonly slice?: Slice }
  /** `~web\d+`. */
  | { readonly kind: 'regex'; readonly shape: RegExp }
  | { readonly kind: 'wrong'; readonly why: string; readonly hint: string }

/** `[0]`, `[-1]`, `[0:2]`, `[1:]`: ends included, negative counts from the end. */
export interface Slice {
  readonly first: number
  readonly last: number
}

const SLICE = /^(.+)\[(?:(-?\d+)|(-?\d*):(-?\d*))\]$/

/**
 * Takes a pattern apart.
 *
 * @example
 * parsePattern('docker:&registry:!node-01')   // add docker, keep registry, drop node-01
 * parsePattern('node-0*[0:2],~db\\d+')        // add a wildcard with a slice, add a regular expression
 */
export function parsePattern(pattern: string): Part[] {
  return split(pattern).map((text) => {
    const sign = text.charAt(0)
    const effect = sign === '&' ? 'keep' : sign === '!' ? 'drop' : 'add'
    return { text, effect, term: termOf(effect === 'add' ? text : text.slice(1).trim()) }
  })
}

const OPENING = '[({'
const CLOSING = '])}'

/** Cuts at each `,` and `:`, except inside brackets, and except in an IPv6 address, which is one word without brackets too. */
function split(pattern: string): string[] {
  return splitAt(pattern, ',').flatMap((word) => (isIPv6(word.replace(/^[&!]/, '')) ? [word] : splitAt(word, ':')))
}

function splitAt(text: string, separator: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let index = 0; index < text.length; index++) {
    const letter = text.charAt(index)
    if (OPENING.includes(letter)) depth++
    else if (CLOSING.includes(letter)) depth--
    else if (letter === separator && depth <= 0) {
      parts.push(text.slice(start, index).trim())
      start = index + 1
    }
  }
  return [...parts, text.slice(start).trim()]
}

function termOf(text: string): Term {
  if (text === '') {
    return { kind: 'wrong', why: 'it has an empty part', hint: 'remove the comma or colon that nothing stands beside' }
  }
  if (text.startsWith('~')) return regexOf(text.slice(1))
  const address = text.replace(/^\[(.*)\]$/, '$1')
  if (isIPv6(address)) return { kind: 'name', name: address }
  const cut = SLICE.exec(text)
  const base = cut?.[1] ?? text
  const slice = cut === null ? {} : { slice: sliceOf(cut[2], cut[3], cut[4]) }
  if (!/[*?[]/.test(base)) return { kind: 'name', name: base, ...slice }
  const shape = wildcard(base)
  if (shape === undefined) {
    return { kind: 'wrong', why: `"${base}" has a bracket that is not closed`, hint: 'close the bracket' }
  }
  return { kind: 'wildcard', shape, ...slice }
}

function sliceOf(only: string | undefined, first: string | undefined, last: string | undefined): Slice {
  if (only !== undefined) return { first: Number(only), last: Number(only) }
  return { first: Number(first ?? 0), last: last === undefined || last === '' ? -1 : Number(last) }
}

function regexOf(source: string): Term {
  try {
    // As in Ansible, it must match from the beginning of a name, not to its end.
    return { kind: 'regex', shape: new RegExp(`^(?:${source})`, 'u') }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return {
      kind: 'wrong',
      why: `~${source} is no regular expression (${why})`,
      hint: 'mend the expression after the ~',
    }
  }
}

/** The shell's wildcards: `*`, `?` and `[1-3]`. */
function wildcard(text: string): RegExp | undefined {
  const source = text.replaceAll(/\[[!^]?[^\][]+\]|[^\w-]/g, (piece) => {
    if (piece === '*') return '.*'
    if (piece === '?') return '.'
    if (piece.length > 2) return `[${piece.slice(1, -1).replace(/^[!^]/, '^').replaceAll('\\', '\\\\')}]`
    return `\\${piece}`
  })
  if (/\\[[\]]/.test(source)) return undefined
  try {
    return new RegExp(`^${source}$`)
  } catch {
    return undefined
  }
}
