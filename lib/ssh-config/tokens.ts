import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { homeOf, thisAccount } from '../machine/account.ts'

/** What the tokens of ssh_config(5) stand for. */
export interface Tokens {
  /** As it was given. */
  readonly original: string
  readonly hostName: string
  readonly port: number
  readonly user: string
  readonly hostKeyAlias: string | undefined
  readonly proxyJump: string | undefined
}

/**
 * Expands the tokens of ssh_config(5).
 *
 * @example
 * expandTokens('nc %h %p', tokens) // 'nc 10.0.0.1 22'
 */
export function expandTokens(text: string, tokens: Tokens): string {
  return text.replaceAll(/%(.)/g, (whole, token: string) => valueOf(token, tokens) ?? whole)
}

function valueOf(token: string, tokens: Tokens): string | undefined {
  const { original, hostName, port, user } = tokens
  switch (token) {
    case '%':
      return '%'
    case 'd':
      return thisAccount().home
    case 'h':
      return hostName
    case 'i':
      return String(thisAccount().uid)
    case 'k':
      return tokens.hostKeyAlias ?? original
    case 'L':
      return hostname().replace(/\..*$/, '')
    case 'l':
      return hostname()
    case 'n':
      return original
    case 'p':
      return String(port)
    case 'r':
      return user
    case 'u':
      return thisAccount().name
    case 'j':
      return tokens.proxyJump ?? ''
    case 'C':
      return createHash('sha1')
        .update(`${hostname()}${hostName}${port}${user}${tokens.proxyJump ?? ''}`)
        .digest('hex')
    default:
      return undefined
  }
}

/** Expands what ssh_config(5) allows in the path of a file: `~`, `~NAME`, `${NAME}` of the environment, and tokens. */
export function expandPath(path: string, tokens: Tokens): string {
  const home = thisAccount().home
  const [, name = '', rest = ''] = /^~([^/]*)(\/.*)?$/s.exec(path) ?? []
  const from = name === '' ? home : homeOf(name)
  const fromHome = path.startsWith('~') && from !== undefined ? join(from, rest) : path
  const set = fromHome.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => process.env[name] ?? whole)
  return expandTokens(set, tokens)
}
