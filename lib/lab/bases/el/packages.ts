import { bind } from './bind.ts'
import type { PackageDefinition } from './package.ts'
import { nginx } from './nginx.ts'
import { openssh, release } from './release.ts'

/** What a host of the family has from the beginning, by the names of Debian's packages. */
export const preinstalled = [
  ['rpm', 'dnf', 'dnf-plugins-core', 'python3', 'firewalld', 'iptables', 'nftables', 'selinux-utils'],
  ['curl', 'openssl', 'procps', 'hostname', 'less', 'xz-utils'],
].flat()

/** What its repositories have besides, the same way; what these need comes along. */
export const offered = [
  ['wget', 'inetutils-telnet', 'net-tools', 'tree', 'nmap', 'sysstat', 'lrzsz', 'dos2unix'],
  ['bind9', 'bind9-dnsutils', 'bind9-host', 'dns-root-data', 'nginx', 'docker.io', 'docker-compose'],
].flat()

/** Debian's own package manager and what only it needs: no package of this family. */
export const dropped = [
  ['apt', 'libapt-pkg6.0', 'dpkg', 'debconf', 'debian-archive-keyring', 'ucf', 'adduser', 'createrepo-c'],
  ['base-files', 'base-passwd', 'lsb-base', 'debianutils', 'sensible-utils', 'usr-is-merged', 'usrmerge'],
].flat()

/** Debian's packages that have another name here, and nothing else to them. */
const renamed: Readonly<Record<string, readonly string[]>> = {
  'openssl-libs': ['libssl3'],
  'systemd-libs': ['libsystemd0'],
  'util-linux': ['util-linux', 'bsdutils', 'mount'],
  'shadow-utils': ['passwd', 'login'],
  'procps-ng': ['procps'],
  iproute: ['iproute2'],
  'libselinux-utils': ['selinux-utils'],
  libselinux: ['libselinux1'],
  polkit: ['polkitd'],
  xz: ['xz-utils'],
  'openssh-clients': ['openssh-client'],
  initscripts: ['init-system-helpers'],
  telnet: ['inetutils-telnet'],
}

const made: readonly PackageDefinition[] = [
  bind,
  { name: 'bind-utils', of: [{ deb: 'bind9-dnsutils' }, { deb: 'bind9-host' }] },
  nginx,
  // The family's sh is bash.
  { name: 'bash', of: [{ deb: 'bash' }], links: { '/usr/bin/sh': 'bash' }, provides: ['/bin/sh', '/usr/bin/sh'] },
  { name: 'dash', of: [{ deb: 'dash', without: /\/sh$/ }] },
  {
    name: 'systemd',
    of: [{ deb: 'systemd' }, { deb: 'systemd-sysv' }],
    trigger: {
      below: ['/usr/lib/systemd/system', '/etc/systemd/system'],
      run: '[ ! -d /run/systemd/system ] || systemctl daemon-reload || :',
    },
  },
  { name: 'glibc', of: [{ deb: 'libc6' }], trigger: { below: ['/usr/lib'], run: '/sbin/ldconfig' } },
  { name: 'sysstat', of: [{ deb: 'sysstat' }], units: ['sysstat.service'] },
  {
    name: 'docker-ce',
    of: [{ deb: 'docker.io', without: /^\/etc\/|^\/usr\/bin\/docker$|completion/ }],
    repository: 'docker-ce-stable',
    requires: ['docker-ce-cli', 'containerd.io'],
    pre: 'getent group docker >/dev/null || groupadd -r docker',
    units: ['docker.service'],
  },
  {
    name: 'docker-ce-cli',
    of: [{ deb: 'docker.io', only: /^\/usr\/bin\/docker$/ }],
    repository: 'docker-ce-stable',
  },
  {
    name: 'containerd.io',
    of: [{ deb: 'containerd' }, { deb: 'runc' }],
    repository: 'docker-ce-stable',
    units: ['containerd.service'],
  },
  { name: 'docker-compose', of: [{ deb: 'docker-compose' }], repository: 'epel' },
  openssh,
  ...release,
  ...Object.entries(renamed).map(([name, debs]) => ({ name, of: debs.map((deb) => ({ deb })) })),
]

/** Every package of the lab that is more than a Debian package under its own name. */
export const packages: readonly PackageDefinition[] = made

/** Those that are put onto the disk of the base as rpm files are; of the rest the database is told that they are there. */
export const installedForReal = [
  'openssh-server',
  ...release.map(({ name }) => name).filter((name) => !/^epel/.test(name)),
]
