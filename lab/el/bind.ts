import type { PackageDefinition, PackageFile } from 'rolecall'

const readable = { mode: '0640', group: 'named' } as const

/** A zone that every name server has, under the file names of the Red Hat family's package. */
function zone(name: string, records: string): PackageFile {
  const soa = '@ IN SOA @ rname.invalid. ( 0 1D 1H 1W 3H ) ; serial refresh retry expire minimum\n'
  return { path: `/var/named/${name}`, text: `$TTL 1D\n${soa}${records}`, ...readable }
}

const conf = `//
// named.conf
//
options {
	listen-on port 53 { 127.0.0.1; };
	listen-on-v6 port 53 { ::1; };
	directory 	"/var/named";
	dump-file 	"/var/named/data/cache_dump.db";
	statistics-file "/var/named/data/named_stats.txt";
	memstatistics-file "/var/named/data/named_mem_stats.txt";
	allow-query     { localhost; };

	recursion yes;
	dnssec-validation yes;

	managed-keys-directory "/var/named/dynamic";
	pid-file "/run/named/named.pid";
	session-keyfile "/run/named/session.key";
};

logging {
        channel default_debug {
                file "data/named.run";
                severity dynamic;
        };
};

zone "." IN {
	type hint;
	file "named.ca";
};

include "/etc/named.rfc1912.zones";
include "/etc/named.root.key";
`

const standardZones = [
  ['localhost.localdomain', 'named.localhost'],
  ['localhost', 'named.localhost'],
  ['1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa', 'named.loopback'],
  ['1.0.0.127.in-addr.arpa', 'named.loopback'],
  ['0.in-addr.arpa', 'named.empty'],
]
  .map(
    ([name = '', file = '']) =>
      `zone "${name}" IN {\n\ttype master;\n\tfile "${file}";\n\tallow-update { none; };\n};\n`,
  )
  .join('\n')

const unit = `[Unit]
Description=Berkeley Internet Name Domain (DNS)
Wants=nss-lookup.target
Wants=named-setup-rndc.service
Before=nss-lookup.target
After=named-setup-rndc.service
After=network.target

[Service]
Type=forking
Environment=NAMEDCONF=/etc/named.conf
EnvironmentFile=-/etc/sysconfig/named
PIDFile=/run/named/named.pid
ExecStartPre=/bin/bash -c 'if [ ! "$DISABLE_ZONE_CHECKING" == "yes" ]; then /usr/bin/named-checkconf -z "$NAMEDCONF"; else echo "Checking of zone files is disabled"; fi'
ExecStart=/usr/sbin/named -u named -c \${NAMEDCONF} $OPTIONS
ExecReload=/bin/sh -c 'if /usr/sbin/rndc null > /dev/null 2>&1; then /usr/sbin/rndc reload; else /bin/kill -HUP $MAINPID; fi'
ExecStop=/bin/sh -c '/usr/sbin/rndc stop > /dev/null 2>&1 || /bin/kill -TERM $MAINPID'
PrivateTmp=true

[Install]
WantedBy=multi-user.target
`

const setupRndc = `[Unit]
Description=Generate rndc key for BIND (DNS)
ConditionPathExists=!/etc/rndc.key

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'umask 027; /usr/sbin/rndc-confgen -a -A hmac-sha256 -c /etc/rndc.key && chgrp named /etc/rndc.key && chmod 0640 /etc/rndc.key'
`

/** BIND in the Red Hat family's layout. The programs are Debian's and read /etc/bind, so links lead from there. */
export const bind: PackageDefinition = {
  name: 'bind',
  of: [{ deb: 'bind9', without: /^\/etc\/|\.service$|tmpfiles\.d/ }, { deb: 'bind9-utils' }],
  requires: ['bind-utils'],
  pre: `getent group named >/dev/null || groupadd -r named
getent passwd named >/dev/null || useradd -r -g named -d /var/named -s /usr/sbin/nologin -c Named named`,
  units: ['named.service'],
  files: [
    { path: '/etc/named.conf', text: conf, ...readable },
    { path: '/etc/named.rfc1912.zones', text: standardZones, ...readable },
    { path: '/etc/sysconfig/named', text: '# OPTIONS="whatever" are given to named at startup.\n' },
    { path: '/usr/lib/systemd/system/named.service', text: unit },
    { path: '/usr/lib/systemd/system/named-setup-rndc.service', text: setupRndc },
    { path: '/usr/lib/tmpfiles.d/named.conf', text: 'd /run/named 0755 named named -\n' },
    zone('named.localhost', '\tNS\t@\n\tA\t127.0.0.1\n\tAAAA\t::1\n'),
    zone('named.loopback', '\tNS\t@\n\tA\t127.0.0.1\n\tAAAA\t::1\n\tPTR\tlocalhost.\n'),
    zone('named.empty', '\tNS\t@\n\tA\t127.0.0.1\n\tAAAA\t::1\n'),
  ],
  copies: { '/etc/named.root.key': '/etc/bind/bind.keys', '/var/named/named.ca': '/usr/share/dns/root.hints' },
  links: { '/etc/bind/named.conf': '../named.conf', '/etc/bind/rndc.key': '../rndc.key' },
  dirs: [
    { path: '/var/named', mode: '1770', group: 'named' },
    ...['data', 'dynamic', 'slaves'].map((name) => ({
      path: `/var/named/${name}`,
      mode: '0770',
      owner: 'named',
      group: 'named',
    })),
    { path: '/run/named', mode: '0755', owner: 'named', group: 'named' },
  ],
}
