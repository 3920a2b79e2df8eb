import { isIPv4 } from 'node:net'
import { z, type HostNetwork, type SiteVars, type SiteProblem } from 'rolecall'

/** An address of a network with the network's size: 172.7.21.1/24. */
export const Cidr = z
  .string()
  .refine(
    (text) => networkOf(text) !== undefined,
    'expected the IPv4 address of the bridge and the size of its network, such as 172.7.21.1/24',
  )

export interface Bridged {
  /** Said outright; otherwise it comes of the host's address. */
  readonly bip?: string | undefined
  /** The first two numbers of every bridge network that comes of an address. */
  readonly bipBase: string
}

/**
 * The bridge's own address and network. The last number of the host's address is the third one of the network: 10.10.50.21 has
 * 172.7.21.1/24. It depends on nothing but this host, so no other host ever changes it. Undefined without an IPv4 address.
 */
export function bipOf(address: string, { bip, bipBase }: Bridged): string | undefined {
  if (bip !== undefined) return bip
  return isIPv4(address) ? `${bipBase}.${address.split('.')[3] ?? ''}.1/24` : undefined
}

/** Two hosts with one network, a network with a host of the site in it, and hosts that no network can be derived for. */
export function objectionsTo({ hosts, everyone }: SiteVars<Bridged>): SiteProblem[] {
  const bridges = hosts.flatMap(({ name, address, vars }) => {
    const bip = bipOf(address, vars)
    return bip === undefined ? [] : [{ name, address, bip }]
  })
  const nameless = hosts.filter(({ address, vars }) => bipOf(address, vars) === undefined)
  const pairs = bridges.flatMap((one, at) =>
    bridges.slice(at + 1).flatMap((other) => (overlap(one.bip, other.bip) ? [[one, other] as const] : [])),
  )
  return [
    ...nameless.map(({ name, address }) => ({
      hosts: [name],
      message: `the bridge network of ${name} cannot be derived`,
      expected: 'an IPv4 address as ansible_host',
      got: address,
      hint: `set docker.bip for ${name}, such as 172.7.21.1/24`,
    })),
    ...pairs.map(([one, other]) => ({
      hosts: [one.name, other.name],
      message: `${one.name} and ${other.name} would have the same bridge network`,
      expected: 'a network of its own for each host',
      got: `${one.bip} on ${one.name} (${one.address}), ${other.bip} on ${other.name} (${other.address})`,
      hint: `set docker.bip for ${other.name} to a network that no other host has`,
    })),
    ...bridges.flatMap(({ name, bip }) => {
      const inside = everyone.filter((host) => isIPv4(host.address) && overlap(bip, `${host.address}/32`))
      return inside.map((host) => ({
        hosts: [name],
        message: `the bridge network ${bip} of ${name} has the address of ${host.name} in it`,
        expected: `a network without hosts: containers on ${name} could not reach ${host.name}`,
        got: host.address,
        hint: `set docker.bip for ${name}, or docker.bipBase for all`,
      }))
    }),
  ]
}

/** The first network of the host itself that the bridge's would overlap, as `eth0 172.7.0.5/16`; undefined when there is none. */
export function ownOverlap(bip: string, networks: readonly HostNetwork[]): string | undefined {
  const found = networks.find(({ device, cidr }) => device !== 'docker0' && overlap(bip, cidr))
  return found && `${found.device} ${found.cidr}`
}

export function overlap(one: string, other: string): boolean {
  const [a, b] = [networkOf(one), networkOf(other)]
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last
}

function networkOf(text: string): { readonly first: number; readonly last: number } | undefined {
  const [, address = '', size = ''] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? []
  if (!isIPv4(address) || Number(size) > 32) return undefined
  const width = 2 ** (32 - Number(size))
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const first = Math.floor(number / width) * width
  return { first, last: first + width - 1 }
}
