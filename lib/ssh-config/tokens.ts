import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { homeOf, thisAccount } from '../machine/account.ts'
import { ConfigFault } from './fault.ts'

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
 * Tokens that each kind of value takes besides `%%`. `%j` came with OpenSSH 9.6.
 *
 * Source: ssh_config(5) and the source of OpenSSH 9.2.
 */
export const TAKEN = { path: 'CLdhiklnpru', laterPath: 'CLdhijklnpru', proxy: 'hknpr', hostName: 'h' } as const

/**
 * Expands the tokens of ssh_config(5). Throws a ConfigFault for one that the value does not take.
 *
 * @example
 * expandTokens('nc %h %p', tokens, TAKEN.proxy) // 'nc 10.0.0.1 22'
 */
export function expandTokens(text: string, tokens: Tokens, taken: string): string {
  return text.replaceAll(/%(.?)/gs, (_, token: string) => {
    if (token === '%') return '%'
    const value = taken.includes(token) ? valueOf(token, tokens) : undefined
    if (value === undefined || token === '')
      throw new ConfigFault(
        token === ''
          ? `a % at the end of "${text}": %% stands for the sign itself`
          : `unknown key %${token} in "${text}": ${keysOf(taken)} are known there`,
      )
    return value
  })
}

function keysOf(taken: string): string {
  return ['%%', ...taken.split('').map((token) => `%${token}`)].join(', ')
}

function valueOf(token: string, tokens: Tokens): string | undefined {
  const { original, hostName, port, user } = tokens
  switch (token) {
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
      return createHash('sha1').update(`${hostname()}${hostName}${port}${user}`).digest('hex')
    default:
      return undefined
  }
}

/**
 * Expands what ssh_config(5) allows in the path of a file: `~`, `~NAME`, `${NAME}` of the environment, and tokens. Throws a ConfigFault for an account or a
 * variable that is not there.
 */
export function expandPath(path: string, tokens: Tokens, taken: string = TAKEN.path): string {
  const pieces = expandHome(path).split(/(\$\{[^}]*\}?)/)
  return pieces.map((piece) => fromEnvironment(piece) ?? expandTokens(piece, tokens, taken)).join('')
}

/** Undefined for what is no variable. */
function fromEnvironment(piece: string): string | undefined {
  if (!piece.startsWith('${')) return undefined
  const value = /^\$\{.+\}$/.test(piece) ? process.env[piece.slice(2, -1)] : undefined
  if (value === undefined) throw new ConfigFault(`invalid environment variable expansion: ${piece} has no value`)
  return value
}

function expandHome(path: string): string {
  const [, name, rest = ''] = /^~([^/]*)(.*)$/s.exec(path) ?? []
  if (name === undefined) return path
  const home = name === '' ? thisAccount().home : homeOf(name)
  if (home === undefined) throw new ConfigFault(`No such user ${name}`)
  return `${home.replace(/\/$/, '')}/${rest.replace(/^\/+/, '')}`
}
