import { isIP } from 'node:net'

/** Where each family keeps BIND, and what its own main configuration says that ours must say too. */
export const families = {
  debian: {
    packages: ['bind9', 'bind9-dnsutils'],
    unit: 'named',
    group: 'bind',
    conf: '/etc/bind/named.conf',
    zoneList: '/etc/bind/named.conf.local',
    zones: '/etc/bind',
    directory: '/var/cache/bind',
    managedKeys: '/var/cache/bind',
    // localhost and the like, as the package has them.
    include: ['/etc/bind/named.conf.local', '/etc/bind/named.conf.default-zones'],
    standardZones: '',
  },
  el: {
    packages: ['bind', 'bind-utils'],
    unit: 'named',
    group: 'named',
    conf: '/etc/named.conf',
    zoneList: '/etc/named.rfc1912.zones',
    zones: '/var/named',
    directory: '/var/named',
    managedKeys: '/var/named/dynamic',
    include: ['/etc/named.rfc1912.zones'],
    // What the package has in this file, which the tutorial adds its zones to.
    standardZones: `
zone "localhost.localdomain" IN { type master; file "named.localhost"; allow-update { none; }; };
zone "localhost" IN { type master; file "named.localhost"; allow-update { none; }; };
zone "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa" IN { type master; file "named.loopback"; allow-update { none; }; };
zone "1.0.0.127.in-addr.arpa" IN { type master; file "named.loopback"; allow-update { none; }; };
zone "0.in-addr.arpa" IN { type master; file "named.empty"; allow-update { none; }; };
`,
  },
} as const

export type Bind = (typeof families)[keyof typeof families]

export interface NamedOptions {
  readonly listen: string
  readonly forwarders: readonly string[]
  readonly recursionFor: readonly string[]
  readonly dnssecValidation: 'no' | 'yes' | 'auto'
}

const HEAD = '// Written by Rolecall. What is changed here is undone by the next apply.\n'

/** The main configuration: the tutorial's options. `dnssec-enable` is gone since BIND 9.18, which would refuse it. */
export function namedConf(bind: Bind, { listen, forwarders, recursionFor, dnssecValidation }: NamedOptions): string {
  return `${HEAD}
options {
        directory "${bind.directory}";
        managed-keys-directory "${bind.managedKeys}";
        pid-file "/run/named/named.pid";

        listen-on port 53 { ${listen}; };
        listen-on-v6 { any; };
        allow-query     { any; };
        allow-recursion { ${list(recursionFor)} };
        recursion yes;
        forwarders      { ${list(forwarders)} };
        dnssec-validation ${dnssecValidation};
};

${bind.include.map((file) => `include "${file}";\n`).join('')}`
}

/** The list of zones. */
export function zoneList(bind: Bind, zones: readonly { readonly name: string }[]): string {
  const entries = zones.map(
    ({ name }) => `
zone "${name}" IN {
        type master;
        file "${bind.zones}/${name}.zone";
        allow-update { none; };
};
`,
  )
  return `${HEAD}${bind.standardZones}${entries.join('')}`
}

/**
 * The name servers that a host used before it was pointed at its own: those of its resolv.conf that are neither
 * the host itself nor another name server of the site. They stay there as a second choice, so this answer is stable.
 */
export function formerServers(resolvConf: string, ours: readonly string[]): string[] {
  const servers = [...resolvConf.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, address = '']) => address)
  // An address with a card's name behind it holds on this host alone, as the loopback does.
  const isLocal = (address: string) => /^(127\.|0\.0\.0\.0$|::1$)|%/.test(address)
  return [...new Set(servers)].filter((address) => isIP(address) !== 0 && !isLocal(address) && !ours.includes(address))
}

function list(elements: readonly string[]): string {
  return elements.length === 0 ? '' : `${elements.join('; ')};`
}
