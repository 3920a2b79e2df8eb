/** Packages whose unit has another name, in Debian and in the EL family. No package list says which units a package has. */
const OTHER_NAMES: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries<readonly string[]>({
    bind: ['named'],
    bind9: ['named'],
    'exim4-daemon-heavy': ['exim4'],
    'iptables-persistent': ['netfilter-persistent'],
    'iptables-services': ['iptables', 'ip6tables'],
    'isc-dhcp-server': ['isc-dhcp-server', 'isc-dhcp-server6'],
    'kubernetes-node': ['kubelet', 'kube-proxy'],
    'libvirt-daemon-system': ['libvirtd'],
    'network-manager': ['NetworkManager'],
    'nfs-kernel-server': ['nfs-server'],
    'nfs-utils': ['nfs-server'],
    'openssh-server': ['ssh', 'sshd'],
    samba: ['smbd', 'nmbd', 'smb', 'nmb'],
  }),
)

/**
 * Units that Debian's packages neither start nor enable, by what they are then. All others are started.
 *
 * Source: postinst of these packages in Debian 12; dh_installsystemd(1), --no-enable.
 */
const LEFT_OFF: ReadonlyMap<string, 'disabled' | 'static'> = new Map(
  Object.entries<'disabled' | 'static'>({
    'nftables.service': 'disabled',
    'rsync.service': 'disabled',
    'dovecot.socket': 'disabled',
    'postfix-resolvconf.path': 'disabled',
    'qemu-guest-agent.service': 'static',
  }),
)

/** Instances that start with their package: the first cluster of PostgreSQL, which a generator of systemd wants. */
const GENERATED = /^postgresql@\d+-main\.service$/

/** How Debian's package leaves a unit that it does not start; undefined: it starts and enables it. Which instances of a template there are, no package knows. */
export function leftOff(unit: string): 'disabled' | 'static' | undefined {
  return LEFT_OFF.get(unit) ?? (/@[^.]/.test(unit) && !GENERATED.test(unit) ? 'disabled' : undefined)
}

/** The units that a package is known to bring, without their suffix. */
export function unitsOf(name: string): readonly string[] {
  return [...(OTHER_NAMES.get(name) ?? []), name]
}

/** `docker` comes with docker.io, `redis` with redis-server, `postgresql@15-main` with postgresql-15, `containerd` with containerd.io. */
export function isBroughtBy(unit: string, name: string): boolean {
  const stem = stemOf(unit)
  const base = stem.replace(/@.*$/, '')
  return unitsOf(name).some((each) => {
    const next = each.slice(base.length, base.length + 1)
    return each === stem || each === base || (each.startsWith(base) && /^[.\d-]/.test(next))
  })
}

/** The name that a package of this unit alone mostly has. */
export function stemOf(unit: string): string {
  return unit.replace(/\.[^.]*$/, '')
}
