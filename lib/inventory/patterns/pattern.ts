import { isIPv6Address } from './ipv6.ts'
import { pythonRegex } from '../../text/python-regex.ts'

/** One part of a pattern: the hosts that it names, and whether it adds, keeps or removes them. */
export interface Part {
  /** The user's spelling, for messages. */
  readonly text: string
  readonly effect: 'add' | 'keep' | 'drop'
  readonly term: Term
}

export type Term =
  /** The name of a host or a group, `all` among them, or a wildcard: `node-0*`, `db?`, `web[1-3]`. */
  | Word
  /** `~web\d+`. */
  | { readonly kind: 'regex'; readonly shape: RegExp }
  | { readonly kind: 'wrong'; readonly why: string; readonly hint: string }

export interface Word {
  readonly kind: 'word'
  readonly name: string
  /** The expression of a wildcard. Absent for a plain name. */
  readonly shape?: RegExp
  /** The meaning of the text as a slice, if it can be one: `docker[0:1]` is a slice of `docker`. */
  readonly sliced?: Sliced
}

export interface Sliced {
  readonly name: string
  readonly shape?: RegExp
  readonly slice: Slice
  /** Ansible has no such slice. The text is a wildcard if it matches anything. */
  readonly isOwn: boolean
}

/** `[0]`, `[-1]`, `[0:2]`, `[1:]`: both ends are included, negative numbers count from the end. */
export interface Slice {
  readonly first: number
  readonly last: number
  /** A single host, which must exist: `[7]`. */
  readonly isOne: boolean
}

/**
 * Splits a pattern into parts. Commas separate parts; without a comma, colons and spaces do too. Empty parts are ignored.
 *
 * @example
 * parsePattern('docker:&registry:!node-01')   // add docker, keep registry, drop node-01
 * parsePattern('node-0*[0:2],~db\\d+')        // add a wildcard with a slice, add a regular expression
 */
export function parsePattern(pattern: string): Part[] {
  return split(pattern)
    .filter((text) => text !== '')
    .map((text) => {
      const sign = text.charAt(0)
      const effect = sign === '&' ? 'keep' : sign === '!' ? 'drop' : 'add'
      return { text, effect, term: termOf(effect === 'add' ? text : text.slice(1).trim()) }
    })
}

const OPENING = '[({'
const CLOSING = '])}'

/** Splits at the separators, but not inside brackets and not inside an IPv6 address, even without brackets. */
function split(pattern: string): string[] {
  const words = splitAt(pattern, (letter) => letter === ',')
  if (words.length > 1) return words
  return words.flatMap((word) =>
    isIPv6Address(word.replace(/^[&!]/, '')) ? [word] : splitAt(word, (letter) => letter === ':' || /\s/.test(letter)),
  )
}

function splitAt(text: string, isSeparator: (letter: string) => boolean): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let index = 0; index < text.length; index++) {
    const letter = text.charAt(index)
    if (OPENING.includes(letter)) depth++
    else if (CLOSING.includes(letter)) depth--
    else if (depth <= 0 && isSeparator(letter)) {
      parts.push(text.slice(start, index).trim())
      start = index + 1
    }
  }
  return [...parts, text.slice(start).trim()]
}

function termOf(text: string): Term {
  if (text === '') {
    return {
      kind: 'wrong',
      why: 'nothing follows a & or !',
      hint: 'write the name of a host or a group after it',
    }
  }
  if (text.startsWith('~')) return regexOf(text.slice(1))
  const address = text.replace(/^\[(.*)\]$/, '$1')
  if (isIPv6Address(address)) return { kind: 'word', name: address }
  if (text.includes(':') && !text.includes('[')) {
    return {
      kind: 'wrong',
      why: 'it has commas and colons, and where there is a comma Ansible takes no colon as a separator',
      hint: 'write commas only, or colons only',
    }
  }
  const sliced = slicedOf(text)
  return { ...wordOf(text), ...(sliced === undefined ? {} : { sliced }) }
}

function wordOf(name: string): Word {
  return /[*?[]/.test(name) ? { kind: 'word', name, shape: wildcard(name) } : { kind: 'word', name }
}

/** Slices: Ansible's, and others such as `[:2]`, `[-2:]`, `[0:-2]`. */
const SLICE = /^(.+)\[(?:(-?\d+)|(\d+)[:-](\d*))\]$/
const OWN_SLICE = /^(.+)\[(-?\d*):(-?\d*)\]$/

function slicedOf(text: string): Sliced | undefined {
  const [, base, one, first, last] = SLICE.exec(text) ?? []
  if (base !== undefined) {
    // As in Ansible [2:0] is [2].
    const from = Number(one ?? first ?? 0)
    const isOne = one !== undefined || (Number(last) === 0 && last !== '')
    return { ...wordOf(base), slice: { first: from, last: isOne ? from : endOf(last), isOne }, isOwn: false }
  }
  const [, name, from = '', to = ''] = OWN_SLICE.exec(text) ?? []
  if (name === undefined) return undefined
  return { ...wordOf(name), slice: { first: Number(from), last: endOf(to), isOne: false }, isOwn: true }
}

function endOf(last: string | undefined): number {
  return last === undefined || last === '' ? -1 : Number(last)
}

function regexOf(source: string): Term {
  const shape = pythonRegex(source, { isAnchored: true })
  if (!('wrong' in shape)) return { kind: 'regex', shape: shape.regex }
  return {
    kind: 'wrong',
    why: `~${source} is not a regular expression (${shape.wrong})`,
    hint: 'fix the expression after the ~',
  }
}

/** Python's shell wildcards (fnmatch): `*`, `?`, `[1-3]`, `[!1-3]`. A `^` in brackets is a plain character, and so is an unclosed bracket. */
function wildcard(text: string): RegExp {
  const source = text.replaceAll(/\[!?\]?[^\]]*\]|[^\w-]/g, (piece) => {
    if (piece === '*') return '.*'
    if (piece === '?') return '.'
    if (piece.length > 1) return bracket(piece.slice(1, -1))
    return `\\${piece}`
  })
  return new RegExp(`^${source}$`, 's')
}

function bracket(inside: string): string {
  const isNegated = inside.startsWith('!')
  const letters = isNegated ? inside.slice(1) : inside
  const members: string[] = []
  for (let at = 0; at < letters.length; at++) {
    const letter = letters.charAt(at)
    const isRange = letters.charAt(at + 1) === '-' && at + 2 < letters.length
    const last = isRange ? letters.charAt(at + 2) : letter
    // A range that ends before its start is empty.
    if (letter <= last) members.push(isRange ? `${escaped(letter)}-${escaped(last)}` : escaped(letter))
    if (isRange) at += 2
  }
  // An empty set matches nothing. JavaScript's `[^]` would match anything.
  if (members.length === 0) return isNegated ? '.' : '(?!)'
  return `[${isNegated ? '^' : ''}${members.join('')}]`
}

function escaped(letter: string): string {
  return /\w/.test(letter) ? letter : `\\${letter}`
}
