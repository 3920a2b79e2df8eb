import { isIPv6Address } from './ipv6.ts'
import { expandRange } from '../syntax/range.ts'

/** The hosts that one word of an inventory names, and its port, if there is one. */
export type HostPattern = { readonly names: readonly string[]; readonly port?: number } | { readonly wrong: string }

const BRACKETED = /^\[(.+)\]:([0-9]+)$/
const WITH_PORT = /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/
/** One label of a host name; it may contain ranges. */
const LABEL = String.raw`(?:[\p{L}\p{N}_]|R)(?:[\p{L}\p{N}_-]|R)*(?<![_-])`.replaceAll(
  'R',
  String.raw`\[(?:[a-zA-Z]:[a-zA-Z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]`,
)
const NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`, 'u')
const IPV4 =
  /^(?:(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|\[[0-9]+:[0-9]+(?::[0-9]+)?\])\.){3}(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|\[[0-9]+:[0-9]+(?::[0-9]+)?\])$/

/**
 * Reads a word that names hosts, as Ansible does: a name, an address or a range, with or without `:PORT`.
 *
 * @example
 * readHostPattern('web[01:03].example.com:2222')   // { names: ['web01.example.com', ...], port: 2222 }
 * readHostPattern('fe80::1')                       // { names: ['fe80::1'] }
 */
export function readHostPattern(text: string): HostPattern {
  const bare = /^\[(.*)\]$/.exec(text)?.[1] ?? text
  if (isIPv6Address(bare)) return { names: [bare] }
  const [, inner, digits] = BRACKETED.exec(text) ?? WITH_PORT.exec(text) ?? []
  // If the part before the colon is no valid name, the colon belongs to the name.
  const isName = inner !== undefined && (NAME.test(inner) || IPV4.test(inner) || isIPv6Address(inner))
  const name = isName ? inner : text
  if (isIPv6Address(name)) return { names: [name], ...portOf(digits) }
  const expansion = expandRange(name)
  if ('wrong' in expansion) return expansion
  return { names: expansion.names, ...(isName ? portOf(digits) : {}) }
}

function portOf(digits: string | undefined): { port?: number } {
  return digits === undefined ? {} : { port: Number(digits) }
}
