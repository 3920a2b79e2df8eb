import type { ElPackages } from '../../project/types.ts'
import type { PackageDefinition } from './package.ts'
import { openssh, releaseOf } from './release.ts'

/** The packages that a host of the family has from the start, by Debian's names. */
export const preinstalled = [
  ['rpm', 'dnf', 'dnf-plugins-core', 'python3', 'firewalld', 'iptables', 'nftables', 'selinux-utils'],
  ['curl', 'openssl', 'procps', 'hostname', 'less', 'xz-utils'],
].flat()

/** Debian's package manager and its dependencies: left out in this family. */
export const dropped = [
  ['apt', 'libapt-pkg6.0', 'dpkg', 'debconf', 'debian-archive-keyring', 'ucf', 'adduser', 'createrepo-c'],
  ['base-files', 'base-passwd', 'lsb-base', 'debianutils', 'sensible-utils', 'usr-is-merged', 'usrmerge'],
].flat()

/** Debian packages of the base system that differ only in name here. */
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
}

const baseSystem: readonly PackageDefinition[] = [
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
  openssh,
  ...Object.entries(renamed).map(([name, debs]) => ({ name, of: debs.map((deb) => ({ deb })) })),
]

/** The packages of hosts of the family, and of their repositories. */
export interface ElWorld {
  /** Debian packages to put into the repositories besides those of the base system. Their dependencies come along. */
  readonly from: readonly string[]
  /** Every package that differs from its Debian package in name or layout. */
  readonly packages: readonly PackageDefinition[]
  /** Packages installed from rpm files. All others are only registered in the database, because their files are already there. */
  readonly installedForReal: readonly string[]
}

/** The base system of the family with a project's own packages. Pure. */
export function elWorld({ from = [], packages = [], repositories = [] }: Partial<ElPackages> = {}): ElWorld {
  const release = releaseOf(repositories)
  const later = repositories.flatMap((repository) => repository.package ?? [])
  const names = new Set(packages.map(({ name }) => name))
  return {
    from,
    packages: [...packages, ...baseSystem.filter(({ name }) => !names.has(name)), ...release],
    installedForReal: ['openssh-server', ...release.map(({ name }) => name).filter((name) => !later.includes(name))],
  }
}
