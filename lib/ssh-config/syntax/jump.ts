import { portOf } from './values.ts'

/** A hop of ProxyJump. */
export interface Jump {
  readonly user: string | undefined
  readonly host: string
  readonly port: number | undefined
}

/**
 * A hop as ssh(1) reads it: `[user@]host[:port]`, with an IPv6 address in brackets, or a URI `ssh://`. Undefined for what is none.
 *
 * Source: parse_ssh_uri and parse_user_host_port of OpenSSH 9.2.
 */
export function readJump(text: string): Jump | undefined {
  const uri = /^ssh:\/\/(.*)$/s.exec(text)?.[1]
  if (uri === undefined) return readHop(text)
  const at = uri.indexOf('@')
  const user = at === -1 ? undefined : decoded(uri.slice(0, at).replace(/;.*/s, ''))
  if (at !== -1 && (user === undefined || user === '')) return undefined
  const [, name = '', portAndPath] = /^(\[[^\]]*\]|[^:/]*)(?=[:/]|$)(.*)$/s.exec(uri.slice(at + 1)) ?? []
  const host = name.replace(/^\[(.*)\]$/s, '$1')
  const [, written, path = ''] = /^(?::([^/]*))?(?:\/(.*))?$/s.exec(portAndPath ?? '') ?? []
  const port = written === undefined || written === '' ? undefined : portOf(written)
  const isWhole = path === '' && (written === undefined || written === '' || (port !== undefined && port > 0))
  return isWhole && isDomain(host) ? { user, host, port } : undefined
}

function readHop(text: string): Jump | undefined {
  const at = text.lastIndexOf('@')
  const user = at === -1 ? undefined : text.slice(0, at)
  const [, name = '', after = ''] = /^(\[[^\]]*\]|[^:/]*)(?:[:/](.*))?$/s.exec(text.slice(at + 1)) ?? []
  if (user === '' || name === '') return undefined
  const port = after === '' ? undefined : portOf(after)
  return after !== '' && !(port !== undefined && port > 0)
    ? undefined
    : { user, host: name.replace(/^\[(.*)\]$/s, '$1'), port }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Source: valid_domain of OpenSSH 9.2. */
export function isDomain(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]*$/i.test(name) && !name.includes('..')
}

/** What is wrong with the value of ProxyJump: hops with commas between them, and a comment. */
export function isJump(text: string): boolean {
  if (text.toLowerCase() === 'none') return true
  return withoutComment(text)
    .split(',')
    .every((hop) => readJump(hop) !== undefined)
}

/** To ProxyJump, quotes are a part of the value, a comment begins with any number sign, and the first word counts. */
export function withoutComment(text: string): string {
  return text.replace(/#.*$/s, '').replace(/(?<=.)\s.*$/s, '')
}
