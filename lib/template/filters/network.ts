import type { Apply } from '../evaluation/given.ts'
import { withParameters } from '../evaluation/given.ts'
import type { Run } from '../evaluation/run.ts'
import { addressText, parsedNetwork, type Network } from '../values/network.ts'
import { isList, Tuple, TemplateError, type Value } from '../values/value.ts'

/** Answers a query of `ipaddr` about an address or network. */
function answer(network: Network, query: string): Value {
  const { version, address, prefix, hasPrefix } = network
  const bits = version === 4 ? 32 : 128
  const size = 1n << BigInt(bits - prefix)
  const first = (address / size) * size
  const last = first + size - 1n
  const show = (value: bigint) => addressText(value, version)
  const whole = (value: bigint) => (value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString())
  switch (query) {
    case '':
      return hasPrefix ? `${show(address)}/${prefix}` : show(address)
    case 'address':
    case 'ip':
      return hasPrefix && address === first && prefix < bits && size > 2n ? false : show(address)
    case 'host':
    case 'host/prefix':
    case 'address/prefix':
    case 'ip/prefix':
      return `${show(address)}/${prefix}`
    case 'network':
    case 'network_id':
      return show(first)
    case 'net':
    case 'subnet':
      return address === first && prefix < bits
        ? `${show(first)}/${prefix}`
        : query === 'subnet'
          ? `${show(first)}/${prefix}`
          : false
    case 'cidr':
    case 'network/prefix':
      return `${show(first)}/${prefix}`
    case 'prefix':
      return prefix
    case 'netmask':
      return show((1n << BigInt(bits)) - size)
    case 'hostmask':
    case 'wildcard':
      return show(size - 1n)
    case 'broadcast':
      return version === 4 && prefix < 31 ? show(last) : null
    case 'size':
      return whole(size)
    case 'first_usable':
      return show(size > 2n ? first + 1n : first)
    case 'last_usable':
      return show(size > 2n ? last - 1n : last)
    case 'range_usable':
      return `${show(size > 2n ? first + 1n : first)}-${show(size > 2n ? last - 1n : last)}`
    case 'int':
      return hasPrefix ? `${address}/${prefix}` : whole(address)
    case 'version':
      return version
    case 'ipv4':
      return version === 4 ? answer(network, '') : false
    case 'ipv6':
      return version === 6 ? answer(network, '') : false
    case 'wrap':
      return version === 6 ? `[${show(address)}]${hasPrefix ? `/${prefix}` : ''}` : answer(network, '')
    default:
      return numbered(network, query, first, size)
  }
}

/** `ipaddr('1')`: an address by its number in the network; `ipaddr('192.0.2.0/24')`: whether it is inside. */
function numbered({ version, address, prefix, hasPrefix }: Network, query: string, first: bigint, size: bigint): Value {
  if (/^-?\d+$/.test(query)) {
    const at = BigInt(query)
    const found = at < 0n ? first + size + at : first + at
    return found >= first && found < first + size ? `${addressText(found, version)}/${prefix}` : false
  }
  const other = parsedNetwork(query)
  if (other === undefined) throw new TemplateError(`the query "${query}" is not known`)
  const otherSize = 1n << BigInt((version === 4 ? 32 : 128) - other.prefix)
  const isInside =
    other.version === version && other.prefix <= prefix && address / otherSize === other.address / otherSize
  return isInside ? (hasPrefix ? `${addressText(address, version)}/${prefix}` : addressText(address, version)) : false
}

function asked(run: Run, value: Value, query: string, version?: 4 | 6): Value {
  if (isList(value) || value instanceof Tuple)
    return run
      .items(value)
      .map((each) => asked(run, each, query, version))
      .filter((each) => each !== false && each !== null)
  const network = parsedNetwork(run.text(value))
  return network === undefined || (version !== undefined && network.version !== version)
    ? false
    : answer(network, query)
}

const ofAddress = (version?: 4 | 6): Apply =>
  withParameters(['query', 'version'], (run, value, given) => asked(run, value, given.text('query', ''), version))

/** Filters of addresses and networks. */
export const networkFilters: Readonly<Record<string, Apply>> = {
  ipaddr: ofAddress(),
  ipv4: ofAddress(4),
  ipv6: ofAddress(6),
  ipwrap: withParameters([], (run, value) => {
    const wrapped = (each: Value): Value => {
      const network = parsedNetwork(run.text(each))
      return network === undefined ? each : answer(network, 'wrap')
    }
    return isList(value) ? value.map(wrapped) : wrapped(value)
  }),
  nthhost: withParameters(['query'], (run, value, given) => {
    const found = asked(run, value, String(given.int('query', 0)))
    return typeof found === 'string' ? found.replace(/\/\d+$/, '') : found
  }),
  ipsubnet: withParameters(['query', 'index'], (run, value, given) => {
    const network = parsedNetwork(run.text(value))
    if (network === undefined) return false
    const bits = network.version === 4 ? 32 : 128
    const size = given.int('query', network.prefix)
    const step = 1n << BigInt(bits - size)
    const whole = 1n << BigInt(bits - network.prefix)
    const first = (network.address / whole) * whole
    if (!given.has('index'))
      return given.has('query') ? Number(whole / step) : `${addressText(first, network.version)}/${network.prefix}`
    const index = BigInt(given.int('index', 0))
    const at = index < 0n ? whole / step + index : index
    return at >= 0n && at < whole / step ? `${addressText(first + at * step, network.version)}/${size}` : false
  }),
}
