import { isIP } from 'node:net'
import { stateOption } from '../files/absent-state.ts'
import { editKind, editWant, type EditWant } from '../files/edit.ts'
import type { Resource } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { flag, list, path as pathOption, text } from '../kit/options/option-types.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { insert, join, split, type Line } from '../kit/text.ts'

export interface HostsEntryOptions {
  /** The names of the address, the canonical one first. With `state: 'absent'` these names alone go; without any the whole entry. */
  readonly names?: readonly string[]
  /** Default `/etc/hosts`. */
  readonly path?: string
  /** Keep the old file as `NAME.20260131T120107~`. Default false. */
  readonly backup?: boolean
  /** Write into the file that is there, as a container's /etc/hosts needs, which is a mount point. Default false. */
  readonly inPlace?: boolean
  /** Default `present`. */
  readonly state?: 'present' | 'absent'
}

export type HostsEntryWant = EditWant & { readonly address: string; readonly names: readonly string[] }

/**
 * An address in /etc/hosts and its names. The address has these names first, and keeps others that it has; no other address of the same family has any of them. Comments and
 * order stay.
 *
 * @example
 * hostsEntry('10.10.50.50', { names: ['node-01.host.com', 'node-01'] })
 * hostsEntry('10.10.50.51', { state: 'absent' })
 *
 * Refused, before any host is touched: what is no address, and no name. A symbolic link; a mount point without `inPlace`.
 *
 * Source: hosts(5).
 */
export function hostsEntry(address: string, options: HostsEntryOptions): Resource {
  const { name, options: given } = read(address, options)
  const { names = [], path = '/etc/hosts', state, backup, inPlace } = given
  const absent = state === 'absent'
  const more = { ...(backup === undefined ? {} : { backup }), ...(inPlace === undefined ? {} : { inPlace }) }
  return make(name, { ...editWant(path, { create: !absent, ...more }, absent, false), address: name, names })
}

const make = editKind<HostsEntryWant>({
  name: 'hostsEntry',
  edit: (want, live) => editHosts(live, want),
  summary: ({ address, names }) => [address, ...names].join(' '),
  isSecret: () => false,
  declarations: ({ path, address, names, absent }) => [
    [`address ${plain(address)} in ${path}`, { names, absent }],
    ...(absent
      ? []
      : names.map((name) => [`name ${name.toLowerCase()} of IPv${isIP(address)} in ${path}`, plain(address)] as const)),
  ],
})

/** An IPv6 address has many spellings: `2001:DB8:0::1` is `2001:db8::1`. */
function plain(address: string): string {
  const [bare = '', ...zone] = address.split('%')
  return isIP(bare) === 6 ? [new URL(`http://[${bare}]`).hostname, ...zone].join('%') : address
}

/** The file with this entry in it. What it gave, it gives again. */
export function editHosts(live: string, want: Pick<HostsEntryWant, 'address' | 'names' | 'absent'>): string {
  const { address, names, absent } = want
  const family = isIP(address)
  const wanted = new Set(names.map((name) => name.toLowerCase()))
  let isFound = absent
  const kept = split(live).flatMap((line): Line[] => {
    const [, blank = '', there, rest = '', comment = ''] =
      /^(\s*)([^\s#]+)((?:\s+[^\s#]+)*)(\s*#.*|\s*)$/.exec(line.text) ?? []
    if (there === undefined || isIP(there.replace(/%.*/, '')) !== family) return [line]
    const all = rest
      .trim()
      .split(/\s+/)
      .filter((name) => name !== '')
    const others = all.filter((name) => !wanted.has(name.toLowerCase()))
    const isIt = plain(there) === plain(address)
    if (absent ? !isIt : !isIt && others.length === all.length) return [line]
    if (absent && names.length === 0) return []
    const takes = isIt && !isFound
    isFound ||= takes
    const then = takes ? [...names, ...others] : others
    if (then.length === 0) return []
    if (then.join(' ') === all.join(' ')) return [line]
    const gap = /^\s+/.exec(rest)?.[0] ?? ' '
    return [{ ...line, text: `${blank}${there}${gap}${then.join(' ')}${comment}` }]
  })
  return join(isFound ? kept : insert(kept, [[address, ...names].join(' ')], {}))
}

const read = resourceOptions<HostsEntryOptions>()(
  'hostsEntry',
  (given) => {
    if (typeof given === 'string' && isIP(given) !== 0) return given
    throw invalidOption('address of hostsEntry', 'an IPv4 or IPv6 address', describeValue(given))
  },
  () => ({
    names: list('a list of names', text('the name of a host', /^[\w]([\w.-]*[\w])?$/)).optional(),
    path: pathOption().optional(),
    backup: flag().optional(),
    inPlace: flag().optional(),
    state: stateOption().optional(),
  }),
  ({ state, names = [] }) => [
    state !== 'absent' && names.length === 0
      ? { what: 'names', expected: 'at least one name, or state: absent', got: 'none' }
      : undefined,
  ],
)
