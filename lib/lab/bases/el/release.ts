import type { PackageDefinition, PackageFile, RepositoryDefinition } from './package.ts'

/** The directory of the repositories on every host. It is in the read-only base, so a host's disk does not grow by it. */
export const repositories = '/usr/share/rolecall-lab/packages'

const version = '9'
const words = `Rocky Linux ${version} (a stand-in, made of Debian packages for Rolecall's lab)`

const osRelease = `NAME="Rocky Linux"
VERSION="${version}"
ID="rocky"
ID_LIKE="rhel centos fedora"
VERSION_ID="${version}"
PLATFORM_ID="platform:el9"
PRETTY_NAME="${words}"
ANSI_COLOR="0;32"
`

function repo({ id, name }: RepositoryDefinition): PackageFile {
  const text = `[${id}]\nname=${name}\nbaseurl=file://${repositories}/${id}\nenabled=1\ngpgcheck=0\n`
  return { path: `/etc/yum.repos.d/${id.replace(/-stable$/, '')}.repo`, text }
}

/** The family's presets: systemd enables only a few of the units that packages install. */
const presets: readonly PackageFile[] = [
  {
    path: '/usr/lib/systemd/system-preset/90-default.preset',
    text: ['sshd.service', 'firewalld.service', 'dbus.socket', 'systemd-networkd.service', 'sysstat.service']
      .map((unit) => `enable ${unit}\n`)
      .join(''),
  },
  { path: '/usr/lib/systemd/system-preset/99-default-disable.preset', text: 'disable *\n' },
]

const selinux = `# This file controls the state of SELinux on the system.
# SELINUX= can take one of these three values:
#     enforcing - SELinux security policy is enforced.
#     permissive - SELinux prints warnings instead of enforcing.
#     disabled - No SELinux policy is loaded.
SELINUX=enforcing
# SELINUXTYPE= can take one of these three values:
#     targeted - Targeted processes are protected,
#     minimum - Modification of targeted policy. Only selected processes are protected.
#     mls - Multi Level Security protection.
SELINUXTYPE=targeted
`

const sshd = `[Unit]
Description=OpenSSH server daemon
After=network.target

[Service]
Type=notify
EnvironmentFile=-/etc/sysconfig/sshd
ExecStart=/usr/sbin/sshd -D $OPTIONS
ExecReload=/bin/kill -HUP $MAINPID
KillMode=process
Restart=on-failure
RestartSec=42s
RuntimeDirectory=sshd

[Install]
WantedBy=multi-user.target
`

const own = (name: string, summary: string, more: Omit<PackageDefinition, 'name' | 'of'>): PackageDefinition => ({
  name,
  of: [],
  version,
  summary,
  ...more,
})

/** The package that makes a host one of the family. It also has those repository files that no other package has. */
export const releaseOf = (offered: readonly RepositoryDefinition[]): readonly PackageDefinition[] => [
  own('rocky-release', 'Release files', {
    provides: [`system-release = ${version}`, `system-release(releasever) = ${version}`, `redhat-release = ${version}`],
    files: [
      { path: '/usr/lib/os-release', text: osRelease },
      { path: '/etc/rocky-release', text: `${words}\n` },
      ...presets,
    ],
    links: { '/etc/redhat-release': 'rocky-release', '/etc/system-release': 'rocky-release' },
  }),
  own('rocky-repos', 'Where packages come from', {
    files: [
      repo({ id: 'baseos', name: 'Rocky Linux 9 - BaseOS' }),
      ...offered.filter((each) => each.package === undefined).map(repo),
    ],
    // In the real family this directory comes with rocky-gpg-keys. There is no key to install here, but other sources put theirs there.
    dirs: [{ path: '/etc/pki/rpm-gpg' }],
  }),
  ...offered.flatMap((each) =>
    each.package === undefined ? [] : [own(each.package, each.name, { files: [repo(each)] })],
  ),
  own('selinux-policy-targeted', 'SELinux targeted policy', {
    files: [{ path: '/etc/selinux/config', text: selinux }],
    links: { '/etc/sysconfig/selinux': '../selinux/config' },
  }),
  own('network-scripts', 'Legacy network configuration', {
    files: [
      { path: '/etc/sysconfig/network', text: '# Created by anaconda\n' },
      {
        path: '/etc/sysconfig/network-scripts/ifcfg-lo',
        text: 'DEVICE=lo\nIPADDR=127.0.0.1\nNETMASK=255.0.0.0\nONBOOT=yes\nNAME=loopback\n',
      },
    ],
  }),
  own('yum', 'Package manager', { links: { '/usr/bin/yum': 'dnf-3' }, requires: ['dnf'] }),
]

/** Debian's sshd under the family's unit name. */
export const openssh: PackageDefinition = {
  name: 'openssh-server',
  of: [{ deb: 'openssh-server', without: /\/ssh(@|\.service|\.socket)|\/etc\/(default|init\.d|ufw)/ }],
  files: [{ path: '/usr/lib/systemd/system/sshd.service', text: sshd }],
  units: ['sshd.service'],
}
