import { isIP } from 'node:net'
import { readJump } from './syntax/jump.ts'
import { ConfigFault } from './fault.ts'

/**
 * A destination as it is written on the command line: `[user@]host` or a URI. Throws a ConfigFault for one that ssh refuses.
 *
 * Source: main of ssh.c, and CVE-2023-51385.
 */
export function readDestination(address: string): Destination {
  const destination = parse(address)
  if (destination === undefined) throw new ConfigFault(`"${address}" is not a destination`)
  const { host, user } = destination
  if (/^-|['`"$\\;&<>|(){}\s\p{Cc}]/u.test(host)) throw new ConfigFault('hostname contains invalid characters')
  if (user !== undefined && !isUserName(user)) throw new ConfigFault('remote username contains invalid characters')
  return destination
}

export interface Destination {
  readonly host: string
  readonly user: string | undefined
  readonly port: number | undefined
}

function parse(address: string): Destination | undefined {
  if (address.startsWith('ssh://')) return readJump(address)
  const at = address.lastIndexOf('@')
  if (at === 0) return undefined
  return { host: address.slice(at + 1), user: at === -1 ? undefined : address.slice(0, at), port: undefined }
}

export function isUserName(user: string): boolean {
  return !/^-|['`";&<>|(){}]|\s-|\\$/.test(user)
}

/** A name in lower case; an address as the system writes it. */
export function addressOf(name: string): string {
  const address = isIP(name) === 6 ? shortened(name) : numericAddress(name)
  if (address === undefined) return /[%:]/.test(name) ? name : name.toLowerCase()
  return address.toLowerCase() === name.toLowerCase() ? name : address
}

/** An IPv6 address in its usual form. One with a zone or with an IPv4 address in it is left as it is. */
function shortened(address: string): string {
  return /[%.]/.test(address) ? address : new URL(`http://[${address}]`).hostname.slice(1, -1)
}

/** An IPv4 address in one of its other forms: `127.1`, `0x7f000001`. */
function numericAddress(name: string): string | undefined {
  if (!/^(0x[\da-f]*|\d+)(\.(0x[\da-f]*|\d+)){0,3}$/i.test(name)) return undefined
  try {
    return new URL(`http://${name}`).hostname
  } catch {
    return undefined
  }
}
