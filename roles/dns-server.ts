import { file, pkg, role, service, z, type Site } from 'rolecall'
import { serialOf, Zone, zoneFile, type FullZone } from './dns-server/zone.ts'

const vars = z.object({
  /** The address to answer on. Default: the host's own. */
  listen: z.ipv4().optional(),
  /** Who answers what is not ours. Default: the name servers that the host itself used before this one. */
  forwarders: z.array(z.ipv4()).optional(),
  allowQuery: z.array(z.string()).default(['any']),
  zones: z.array(Zone).default([]),
})

/**
 * Chapter 6.2.1 to 6.2.4: an authoritative name server with BIND 9.
 *
 * `dnssec-enable no` is left out: BIND 9.16 and later know it no more. `allow-update` is left out too: with it named rewrites the zone
 * files itself, and nobody else may. Host records come from the inventory, so that an address is said in one place.
 */
export default role({
  name: 'dns-server',
  about: '6.2 BIND: the zones of the site',
  vars,

  async apply({ ensure, host, read, site, vars }) {
    const bind = host.pick({
      debian: { package: 'bind9', options: '/etc/bind/named.conf.options', conf: '/etc/bind/named.conf.local', zones: '/etc/bind', cache: '/var/cache/bind' },
      el: { package: 'bind', options: '/etc/named.conf', conf: '/etc/named.rfc1912.zones', zones: '/var/named', cache: '/var/named' },
    })
    const listen = vars.listen ?? host.address
    const forwarders = vars.forwarders ?? nameServers(await read('/etc/resolv.conf')).filter((server) => server !== listen)
    const today = new Date()

    const zones = fullZones(vars.zones, site, listen).map((zone) =>
      file(`${bind.zones}/${zone.name}.zone`, {
        content: (live) => zoneFile(zone, live, today),
        validate: `named-checkzone ${zone.name} {}`,
      }),
    )
    const conf = file(bind.conf, {
      content: vars.zones.map(({ name }) => `zone "${name}" IN {\n\ttype master;\n\tfile "${bind.zones}/${name}.zone";\n};\n`).join('\n'),
      validate: 'named-checkconf {}',
    })
    const options = file(bind.options, {
      content: namedOptions({ listen, forwarders, allowQuery: vars.allowQuery, directory: bind.cache }) +
        (host.os.family === 'el' ? `\nzone "." IN {\n\ttype hint;\n\tfile "named.ca";\n};\n\ninclude "${bind.conf}";\n` : ''),
      validate: 'named-checkconf {}',
    })

    await ensure(
      pkg(bind.package),
      zones,
      conf,
      options,
      service('named', { running: true, enabled: true, restartedAfter: [...zones, conf, options] }),
    )
  },

  async verify({ $, expect, host, site, vars }) {
    const listen = vars.listen ?? host.address
    const zoneDirectory = host.pick({ debian: '/etc/bind', el: '/var/named' })
    expect((await $`ss -lntu`).stdout, 'named listens on port 53').toContain(`${listen}:53`)
    for (const zone of fullZones(vars.zones, site, listen)) {
      for (const record of zone.records.filter(({ type }) => type === 'A')) {
        const name = `${record.name}.${zone.name}`
        const answer = await $`dig -t A ${name} @${listen} +short +time=2`.nothrow()
        expect(answer.stdout.trim(), `dig ${name}`).toBe(record.value)
      }
      const soa = await $`dig -t SOA ${zone.name} @${listen} +short +time=2`.nothrow()
      const inFile = serialOf((await $`cat ${`${zoneDirectory}/${zone.name}.zone`}`.nothrow()).stdout)
      expect(soa.stdout.split(' ')[2], `serial of ${zone.name}, served and in the file`).toBe(String(inFile))
    }
  },
})

/** Every zone has its name server; a zone with `hosts` has these too. */
export function fullZones(zones: z.output<typeof vars>['zones'], site: Site, listen: string): FullZone[] {
  return zones.map(({ name, hosts, records }) => ({
    name,
    records: [
      { name: 'dns', type: 'A', value: listen },
      ...(hosts === undefined ? [] : site.hosts(hosts).map((host) => ({ name: host.name, type: 'A' as const, value: host.address }))),
      ...records,
    ],
  }))
}

interface NamedOptions {
  readonly listen: string
  readonly forwarders: readonly string[]
  readonly allowQuery: readonly string[]
  readonly directory: string
}

export function namedOptions({ listen, forwarders, allowQuery, directory }: NamedOptions): string {
  const list = (items: readonly string[]) => (items.length === 0 ? '{ }' : `{ ${items.map((item) => `${item};`).join(' ')} }`)
  return `options {
	directory "${directory}";
	listen-on port 53 ${list([listen])};
	listen-on-v6 { none; };
	allow-query ${list(allowQuery)};
	forwarders ${list(forwarders)};
	dnssec-validation no;
	recursion yes;
};
`
}

function nameServers(resolvConf = ''): string[] {
  return [...resolvConf.matchAll(/^\s*nameserver\s+([\d.]+)/gm)].flatMap(([, server]) => server ?? [])
}
