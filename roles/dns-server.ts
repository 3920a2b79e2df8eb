import { isIPv4 } from 'node:net'
import { file, pkg, role, service, z, type RoleHost, type Site } from 'rolecall'
import { families, formerServers, namedConf, zoneList } from './dns-server/named-conf.ts'
import { registryRecords } from './dns-server/registry.ts'
import { recordsOf, serialOf, Zone, zoneFile, type ZoneRecord } from './dns-server/zone.ts'

const vars = z.object({
  /** The address that named answers on. Default: the one that the inventory has of the host. */
  listen: z.ipv4().optional(),
  /** Who is asked for names outside our zones. Default: the name servers that the host used before. */
  forwarders: z.array(z.ipv4()).optional(),
  /** Who may ask for names outside our zones: an address, a network, or a name that BIND knows. */
  recursionFor: z.array(z.string().regex(/^!?[\w.:/-]+$/)).default(['localnets', 'localhost']),
  dnssecValidation: z.enum(['no', 'yes', 'auto']).default('no'),
  zones: z.array(Zone).default([]),
})

/**
 * Chapter 6.2.1 to 6.2.4: an authoritative name server with BIND 9.
 *
 * Done differently today, and why:
 * - `dnssec-enable no` is left out: BIND 9.18 has no such option and would not start.
 * - `allow-update` is `none`: the tutorial allows updates from the server itself, and nothing makes any. With them named
 *   writes into the zone files, and a zone would have two writers.
 * - Whoever is not in `recursionFor` gets answers about our zones only: with the tutorial's `allow-query { any; }` alone
 *   the server would look up anything for anyone.
 * - The registry's name comes from its own variables (harbor.hostname), and stands in the zone that it is in.
 * - The hosts' addresses come from the inventory, and the serial moves forward by itself.
 */
export default role({
  name: 'dns-server',
  about: 'An authoritative name server with BIND 9 (chapter 6.2)',
  tags: ['dns'],
  vars,

  async apply({ ensure, host, read, site, vars }) {
    const bind = host.pick(families)
    const dress = { owner: 'root', group: bind.group }
    const listen = listenAddress(vars, host)
    const others = host.groups.includes('dns') ? site.hosts('dns').map((server) => server.address) : []
    const ours = [listen, ...host.addresses, ...others]
    const forwarders = vars.forwarders ?? formerServers(await resolvConf(read), ours)

    const zones = await Promise.all(
      vars.zones.map(async (zone) => {
        const path = `${bind.zones}/${zone.name}.zone`
        const content = zoneFile(zone, recordsIn(zone, listen, site), await read(path), new Date())
        return file(path, { content, ...dress, validate: `named-checkzone -i local ${zone.name} {}` })
      }),
    )
    const list = file(bind.zoneList, { content: zoneList(bind, vars.zones), ...dress, validate: 'named-checkconf {}' })
    const options = { ...vars, listen, forwarders }
    const conf = file(bind.conf, { content: namedConf(bind, options), ...dress, validate: 'named-checkconf {}' })

    await ensure(
      pkg(bind.packages),
      zones,
      list,
      conf,
      service(bind.unit, { running: true, enabled: true, restartedAfter: [...zones, list, conf] }),
    )
  },

  async verify({ $, expect, host, site, vars }) {
    const bind = host.pick(families)
    const listen = listenAddress(vars, host)
    const dig = async (...question: string[]) => {
      const answer = await $.read`dig @${listen} +short +time=3 ${question}`.nothrow()
      return answer.exitCode === 0 ? answer.stdout.trim().split('\n') : [`no answer (${answer.exitCode ?? 'killed'})`]
    }

    const checked = await $.read`named-checkconf -z ${bind.conf}`.nothrow()
    expect(checked.exitCode === 0 ? 'fine' : checked.stdout, `named-checkconf -z ${bind.conf}`).toBe('fine')
    const boot = await $.read`systemctl is-enabled ${bind.unit}`.nothrow()
    expect(boot.stdout.trim(), `systemctl is-enabled ${bind.unit}`).toBe('enabled')
    expect((await $.read`ss -Hlnu sport = :53`).stdout, 'what listens on UDP port 53').toContain(`${listen}:53`)
    expect((await $.read`ss -Hlnt sport = :53`).stdout, 'what listens on TCP port 53').toContain(`${listen}:53`)

    for (const zone of vars.zones) {
      const [soa = ''] = await dig('-t', 'SOA', zone.name)
      const text = (await $.read`cat ${bind.zones}/${zone.name}.zone`.nothrow()).stdout
      expect(Number(soa.split(' ')[2]), `the serial of ${zone.name} as served`).toBe(serialOf(text))
      for (const { name, type, value } of recordsIn(zone, listen, site)) {
        if (type !== 'A' && type !== 'AAAA') continue
        const full = name === '@' ? zone.name : `${name}.${zone.name}`
        expect(await dig('-t', type, full), `dig -t ${type} ${full} @${listen}`).toContain(value)
      }
    }
  },
})

/** What the variables say of a zone, and the names that other roles' variables put into it. */
function recordsIn(zone: Zone, listen: string, site: Site): ZoneRecord[] {
  return [...recordsOf(zone, listen, site), ...registryRecords(zone, site)]
}

function listenAddress({ listen }: z.output<typeof vars>, host: RoleHost): string {
  const address = listen ?? [host.address, ...host.addresses].find((each) => isIPv4(each))
  if (address === undefined) throw new Error(`${host.name} has no IPv4 address: set dns-server.listen`)
  return address
}

/** systemd-resolved puts its own stub into resolv.conf, and keeps the real name servers elsewhere. */
async function resolvConf(read: (path: string) => Promise<string | undefined>): Promise<string> {
  const text = (await read('/etc/resolv.conf')) ?? ''
  return /^nameserver 127\.0\.0\.53$/m.test(text) ? ((await read('/run/systemd/resolve/resolv.conf')) ?? text) : text
}
