import type { HostDetails, HostGateway } from '../../host-details.ts'
import type { Facts } from '../../facts.ts'
import { detailsOf } from '../../host/details/ask.ts'
import type { Host } from '../../host/host.ts'
import { answersView } from '../../report/views/answers.ts'
import { sizeText } from '../../text/byte-size.ts'
import type { HandWork } from '../../runner/by-hand/hand-work.ts'
import { print, printJson } from '../print.ts'
import type { RunFlags } from '../run-options.ts'
import { table } from '../table.ts'
import { performOnHosts } from './perform.ts'

/** `rolecall facts HOST`: the facts of hosts from the first round trip, and those of `details` in a role. */
export async function showFacts(limit: string, flags: RunFlags): Promise<void> {
  // Facts of the site's own are defined in its roles, which are not loaded here.
  const all = await answersOf('facts', limit, flags, async (host) => ({
    ...host.facts,
    ...(await detailsOf(host)()),
    custom: undefined,
  }))
  if (flags.json === true) return printJson(Object.fromEntries(all))
  const isMany = all.size > 1
  print(
    [...all].flatMap(([host, facts], at) => [
      ...(isMany ? [`${at > 0 ? '\n' : ''}${host}`] : []),
      ...table(factRows(facts)).map((line) => (isMany ? `  ${line}` : line)),
    ]),
  )
}

/** `rolecall ping`: whether a connection, a login and the work as another user succeed on each host, as configured in the inventory. */
export async function ping(limit: string, flags: RunFlags): Promise<void> {
  const all = await answersOf('ping', limit, flags, async (host) => {
    const startedAt = performance.now()
    await host.run({ script: ':', seconds: 60 })
    const { facts, become } = host
    const user = facts.uid === 0 ? 'root' : `uid ${facts.uid}`
    return {
      ms: Math.round((performance.now() - startedAt) * 10) / 10,
      os: facts.os.name,
      user: become === undefined ? user : `${user}, by ${become.method ?? 'sudo'}`,
    }
  })
  if (flags.json === true) return printJson(Object.fromEntries(all))
  print(table([...all].map(([host, { ms, os, user }]) => [host, 'answers', `${ms} ms`, user, os])))
}

/** Asks hosts and returns their answers in the order of the inventory. Hosts that cannot be asked are reported on standard error. */
async function answersOf<T>(
  command: string,
  limit: string,
  flags: RunFlags,
  ask: (host: Host) => T | Promise<T>,
): Promise<Map<string, T>> {
  const answers = new Map<string, T>()
  const work: HandWork = {
    command: `${command} ${limit}`,
    resource: command,
    summary: command,
    limitPlace: 'HOST',
    locksHost: false,
    perform: async (host) => {
      answers.set(host.name, await ask(host))
      return { type: 'ok' }
    },
  }
  // Events are not printed; the answers are, at the end.
  const plain = { ...flags, json: false }
  const { summary } = await performOnHosts({ work, limit, view: answersView(), isKept: false }, plain)
  const order = Object.keys(summary?.hosts ?? {})
  return new Map([...answers].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)))
}

function factRows(facts: Facts & HostDetails): string[][] {
  const { hostname, os, arch, init, packageManager, digest, addresses, networks, uid } = facts
  return [
    ['hostname', hostname],
    ['os.name', os.name],
    ['os.family', os.family],
    ['os.id', os.id],
    ['os.version', os.version],
    ['arch', arch],
    ['init', init],
    ['packageManager', packageManager],
    ['digest', digest],
    ['addresses', addresses.join(', ')],
    ['networks', networks.map(({ device, cidr }) => `${device} ${cidr}`).join(', ')],
    ['uid', String(uid)],
    ...detailRows(facts),
  ]
}

function detailRows(details: HostDetails): string[][] {
  const { codename, kernel, fqdn, timezone, uptime, virtualisation, vendor, product, selinux } = details
  const { memory, processors, disks, mounts, links, gateway, nameservers, searchDomains } = details
  const texts = { codename, kernel, fqdn, timezone, uptime: `${uptime} s`, virtualisation, vendor, product, selinux }
  const of = (way: HostGateway | undefined) =>
    way === undefined ? [] : [`${way.gateway} by ${way.device}, from ${way.address}`]
  return [
    ...Object.entries(texts),
    ['memory', `${sizeText(memory.total)}, ${sizeText(memory.available)} available, ${sizeText(memory.swap)} swap`],
    ['processors', [`${processors.count} (${processors.cores} cores)`, processors.model].filter(Boolean).join(', ')],
    ['disks', disks.map(({ name, bytes }) => `${name} ${sizeText(bytes)}`).join(', ')],
    ...mounts.map(({ path, device, type, bytes, available }) => [
      `mount ${path}`,
      [device, type, ...(bytes === undefined ? [] : [sizeText(bytes), `${sizeText(available ?? 0)} available`])].join(
        ' ',
      ),
    ]),
    ['links', links.map(({ device, mac }) => `${device} ${mac}`).join(', ')],
    ['gateway', [...of(gateway.ipv4), ...of(gateway.ipv6)].join('; ')],
    ['nameservers', nameservers.join(', ')],
    ['searchDomains', searchDomains.join(', ')],
  ]
}
