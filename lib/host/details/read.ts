import type { HostDetails, HostGateway } from '../../host-details.ts'

/** Reads the answer of `detailsProbe`. A missing detail is an empty text or an empty list, never a guess. */
export function readDetails(text: string): HostDetails {
  const all = text.split('\n').map((line) => {
    const at = line.indexOf(' ')
    return at < 0 ? ([line, ''] as const) : ([line.slice(0, at), line.slice(at + 1).trim()] as const)
  })
  const every = (word: string) => all.flatMap(([first, rest]) => (first === word ? [rest] : []))
  const one = (word: string) => every(word)[0] ?? ''
  const memory = new Map(every('memory').map((line) => [line.split(' ')[0], 1024 * numberIn(line.split(/\s+/)[1])]))
  const count = Math.max(1, numberIn(one('processors')))
  const sockets = Math.max(1, every('socket').length)
  const virtual = one('virtualisation')
  return {
    codename: one('codename').replaceAll(/["']/g, ''),
    kernel: one('kernel'),
    fqdn: one('fqdn'),
    timezone: one('timezone'),
    uptime: numberIn(one('uptime')),
    virtualisation: virtual === '' ? 'none' : virtual,
    vendor: one('sys_vendor'),
    product: one('product_name'),
    selinux: one('selinux') === '1' ? 'enforcing' : one('selinux') === '0' ? 'permissive' : 'disabled',
    memory: {
      total: memory.get('total') ?? 0,
      // Kernels before 3.14 report only completely unused memory.
      available: memory.get('available') ?? memory.get('free') ?? 0,
      swap: memory.get('swap') ?? 0,
    },
    processors: { count, sockets, cores: numberIn(one('cores')) * sockets || count, model: one('model') },
    disks: every('disk').map((line) => {
      const [name = '', sectors, turns, leaves, ...model] = line.split(' ')
      const is = { rotational: turns === '1', removable: leaves === '1' }
      return { name, bytes: numberIn(sectors) * SECTOR, ...is, model: model.join(' ').trim() }
    }),
    mounts: every('mount').map((line) => {
      const [block, blocks, free, type = '', options = '', device = '', path = ''] = line.split(' ')
      const size = (of: string | undefined) => (block === '-' ? undefined : numberIn(block) * numberIn(of))
      const about = { path: plain(path), device: plain(device), type, options: options.split(',') }
      return { ...about, bytes: size(blocks), available: size(free) }
    }),
    links: every('link').map((line) => {
      const [device = '', mtu, state, mac = ''] = line.split(' ')
      return { device, mac, mtu: numberIn(mtu), up: state === 'up' || state === 'unknown' }
    }),
    gateway: { ipv4: gatewayOf('4', every), ipv6: gatewayOf('6', every) },
    nameservers: every('nameserver').map((line) => line.split(/\s/)[0] ?? ''),
    searchDomains: (every('search').at(-1) ?? '').split(/\s+/).filter(Boolean),
  }
}

/** Bytes in a sector: sizes of disks are given in these, whatever the disk itself uses. Source: sysfs, `block/NAME/size`. */
const SECTOR = 512

function gatewayOf(version: '4' | '6', every: (word: string) => readonly string[]): HostGateway | undefined {
  const route = every('gateway').find((line) => line.startsWith(`${version} `))
  if (route === undefined) return undefined
  const word = (of: string) => new RegExp(`(?:^| )${of} (\\S+)`).exec(route)?.[1] ?? ''
  const device = word('dev')
  const own = every('address').find((line) => line.startsWith(`${version} ${device} `))
  const address = word('src') || (own?.split(' ')[2]?.replace(/[/].*/, '') ?? '')
  return { device, gateway: word('via'), address }
}

/** Blanks in paths of /proc/mounts are written in octal. Source: fstab(5). */
function plain(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)))
}

function numberIn(text: string | undefined): number {
  const found = Number(text)
  return Number.isFinite(found) ? found : 0
}
