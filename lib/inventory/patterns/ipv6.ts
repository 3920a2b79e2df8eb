import { isIPv6 } from 'node:net'

/** What an address is made of; a zone may follow (RFC 4007). `node-[03:05]` is none. */
const LETTERS = /^[0-9a-f.]*:[0-9a-f:.]*(?:%|$)/i

/** Whether a text is an IPv6 address. Looks at its letters first, because Node's first isIPv6 compiles an expression, which takes 4.5 ms. */
export function isIPv6Address(text: string): boolean {
  return LETTERS.test(text) && isIPv6(text)
}
