import { isIPv4, isIPv6 } from 'node:net'

/** An address, with or without a prefix length. */
export interface Network {
  readonly version: 4 | 6
  readonly address: bigint
  readonly prefix: number
  readonly hasPrefix: boolean
}

/** Parses an address or network: `192.0.2.1`, `192.0.2.0/24`, `192.0.2.0/255.255.255.0`, `2001:db8::/32`. */
export function parsedNetwork(text: string): Network | undefined {
  const [head = '', tail, ...more] = text.split('/')
  const version = isIPv4(head) ? 4 : isIPv6(head) ? 6 : undefined
  if (version === undefined || more.length > 0) return undefined
  const bits = version === 4 ? 32 : 128
  const prefix =
    tail === undefined ? bits : isIPv4(tail) ? maskLength(tail) : /^\d+$/.test(tail) ? Number(tail) : undefined
  if (prefix === undefined || prefix > bits) return undefined
  return { version, address: addressNumber(head, version), prefix, hasPrefix: tail !== undefined }
}

function maskLength(mask: string): number | undefined {
  const digits = addressNumber(mask, 4).toString(2).padStart(32, '0')
  return /^1*0*$/.test(digits) ? digits.replace(/0/g, '').length : undefined
}

function addressNumber(text: string, version: 4 | 6): bigint {
  if (version === 4) return text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
  const [, embedded] = /(\d+\.\d+\.\d+\.\d+)$/.exec(text) ?? []
  const plain = embedded === undefined ? text : text.replace(embedded, hexPair(addressNumber(embedded, 4)))
  const [left = '', right] = plain.split('::')
  const parts = (side: string) => side.split(':').filter((part) => part !== '')
  const [head, end] = [parts(left), parts(right ?? '')]
  const middle = right === undefined ? [] : Array.from({ length: 8 - head.length - end.length }, () => '0')
  return [...head, ...middle, ...end].reduce((sum, part) => sum * 65_536n + BigInt(`0x${part}`), 0n)
}

function hexPair(value: bigint): string {
  return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`
}

/** The usual text of an address. */
export function addressText(value: bigint, version: 4 | 6): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => ((value >> shift) & 255n).toString()).join('.')
  const parts = Array.from({ length: 8 }, (_, at) => ((value >> BigInt(16 * (7 - at))) & 0xffffn).toString(16))
  const zeros = parts.join(':').match(/(?:^|:)0(?::0)+(?=:|$)/g) ?? []
  const [longest] = zeros.toSorted((a, b) => b.length - a.length)
  return longest === undefined ? parts.join(':') : parts.join(':').replace(longest, '::').replace(/:{3,}/, '::')
}
