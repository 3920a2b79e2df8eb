import type { ElPackages } from '../../project/types.ts'
import type { PackageDefinition } from './package.ts'
import { openssh, releaseOf } from './release.ts'

/** What a host of the family has from the beginning, by the names of Debian's packages. */
export const preinstalled = [
  ['rpm', 'dnf', 'dnf-plugins-core', 'python3', 'firewalld', 'iptables', 'nftables', 'selinux-utils'],
  ['curl', 'openssl', 'procps', 'hostname', 'less', 'xz-utils'],
].flat()

/** Debian's own package manager and what only it needs: no package of this family. */
export const dropped = [
  ['apt', 'libapt-pkg6.0', 'dpkg', 'debconf', 'debian-archive-keyring', 'ucf', 'adduser', 'createrepo-c'],
  ['base-files', 'base-passwd', 'lsb-base', 'debianutils', 'sensible-utils', 'usr-is-merged', 'usrmerge'],
].flat()

/** Debian's packages of the base system that have another name here, and nothing else to them. */
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

/** All that the hosts of the family are made of, and what their repositories have. */
export interface ElWorld {
  /** Debian packages that the repositories are made of, beside those of the base system; what these need comes along. */
  readonly from: readonly string[]
  /** Every package that is more than a Debian package under its own name. */
  readonly packages: readonly PackageDefinition[]
  /** Those that are put onto the disk of the base as rpm files are; of the rest the database is told that they are there. */
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
