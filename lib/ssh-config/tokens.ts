import { createHash } from 'node:crypto'
import { hostname, userInfo } from 'node:os'

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

export interface ThisUser {
  readonly name: string
  readonly home: string
  readonly uid: number
}

let us: ThisUser | undefined

/** The account that ssh(1) would run as. As ssh does, it takes the home directory from the system and not from HOME. */
export function thisUser(): ThisUser {
  us ??= (({ username: name, homedir: home, uid }) => ({ name, home, uid }))(userInfo())
  return us
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
      return thisUser().home
    case 'h':
      return hostName
    case 'i':
      return String(thisUser().uid)
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
      return thisUser().name
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

/** Expands what ssh_config(5) allows in the path of a file: `~`, `${NAME}` of the environment, and tokens. */
export function expandPath(path: string, tokens: Tokens): string {
  const home = thisUser().home
  const fromHome = path === '~' || path.startsWith('~/') ? `${home}${path.slice(1)}` : path
  const set = fromHome.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => process.env[name] ?? whole)
  return expandTokens(set, tokens)
}
