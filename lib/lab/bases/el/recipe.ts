import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Archive } from '../../machine/archive.ts'
import { replaceAtomically } from '../../machine/files.ts'
import type { Lab, LabNode } from '../../model.ts'
import { contained, run } from '../../machine/run.ts'
import { dropped, preinstalled, type ElWorld } from './packages.ts'
import { repositories } from './release.ts'
import { buildDirectory, writeBuildPlan } from './build-container.ts'

/** Change this when this file makes a different base from the same packages. */
const version = 1

/** Debian's documentation is left out, or it would end up in the rpm packages. */
const lean = ['doc', 'man', 'locale', 'lintian'].map((name) => `path-exclude=/usr/share/${name}/*\n`).join('')

const apt = `
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
install() { chroot merged apt-get -q -y -o Dpkg::Use-Pty=0 --no-install-recommends install "$@"; }`

const open = (lower: string, upper: string): string => `
set -e
umask 022
rm -rf work && mkdir work
mount -t overlay overlay -o lowerdir=${lower},upperdir=${upper},workdir=work,volatile merged`

/** Installs on a copy of the Debian root the packages that the family's hosts start with. */
const furnish = `
cp -a "$1/." root/
shift
${open('empty', 'root')}
${apt}
chroot merged apt-get -q update
chroot merged apt-get -q -y -o Dpkg::Use-Pty=0 dist-upgrade
install "$@"`

/** Installs the packages for the repositories, in a layer of its own. The links of Debian's alternatives are recorded. */
const gather = `
${open('root', 'container')}
${apt}
install createrepo-c "$@"
mkdir -p merged${buildDirectory}
chroot merged sh -c 'find /usr -xdev -type l -lname "/etc/alternatives/*" | while read -r link; do printf "%s\\t%s\\n" "$link" "$(readlink -f "$link")"; done' >merged${buildDirectory}/alternatives`

/** Builds the packages and repositories in the same layer. */
const pack = `
${open('root', 'container')}
chroot merged sh -c '
set -e
cd ${buildDirectory}
mkdir -p buildroot repositories
tar -C / -c --no-recursion --null -T taken | tar -C buildroot -xp
tab=$(printf "\\t")
while IFS="$tab" read -r to from; do mkdir -p "buildroot\${to%/*}"; cp -L "$from" "buildroot$to"; done <copies
cp -a --remove-destination own/. buildroot/
while IFS="$tab" read -r link to; do mkdir -p "buildroot\${link%/*}"; ln -sfn "$to" "buildroot$link"; done <links
while read -r dir; do [ ! -L "buildroot$dir" ] || rm "buildroot$dir"; mkdir -p "buildroot$dir"; done <dirs
rpmbuild -bb --quiet --buildroot ${buildDirectory}/buildroot --define "_topdir ${buildDirectory}" spec
while read -r file; do mkdir -p "repositories/\${file%/*}"; mv RPMS/*/"\${file##*/}" "repositories/$file"; done <files
for each in repositories/*; do createrepo_c --quiet "$each"; done'`

/** Turns the root into a host of the family: its repositories, its database, its units, and no trace of apt. */
const settle = `
${open('empty', 'root')}
mkdir -p merged${repositories} merged${buildDirectory}
cp -a container${buildDirectory}/repositories/. merged${repositories}/
cp container${buildDirectory}/inBase container${buildDirectory}/forReal merged${buildDirectory}/
in_base() { chroot merged "$@"; }
rm -f merged/etc/os-release
in_base sh -c 'set -e
rm -f /etc/systemd/system/sshd.service /etc/systemd/system/*.wants/ssh.service /usr/lib/systemd/system/ssh.service /usr/lib/systemd/system/ssh.socket /usr/lib/systemd/system/ssh@.service
xargs rpm --force-debian -i --justdb --nodeps --noscripts --notriggers --nosignature <${buildDirectory}/inBase
xargs rpm --force-debian -U --nodeps --nosignature <${buildDirectory}/forReal
ln -s ../usr/lib/os-release /etc/os-release
systemctl --quiet enable sshd.service firewalld.service
sed -i "s/^gpgcheck=.*/gpgcheck=1/; s/^best=.*/best=True/; s/^skip_if_unavailable=.*/skip_if_unavailable=False/" /etc/dnf/dnf.conf
usermod --append --groups wheel ops 2>/dev/null || { groupadd --system wheel; usermod --append --groups wheel ops; }
rm -rf /etc/apt /etc/dpkg /var/lib/apt /var/lib/dpkg /var/cache/apt /var/cache/debconf /usr/lib/apt /usr/lib/dpkg /usr/share/debconf
rm -rf /etc/init.d /etc/rc?.d
rm -f /usr/lib/python3/dist-packages/dnf-plugins/*leaves.py /usr/lib/python3/dist-packages/dnf-plugins/local.py
echo PATH=/usr/local/bin:/usr/bin:/usr/local/sbin:/usr/sbin >/etc/environment
rm -f /usr/bin/apt /usr/bin/apt-* /usr/bin/dpkg /usr/bin/dpkg-* /usr/sbin/dpkg-* /usr/bin/deb* /etc/debian_version /etc/default/ssh
ln -sfn bash /usr/bin/sh
systemctl --quiet mask systemd-firstboot.service || :
for plugin in /etc/dnf/plugins/*.conf; do sed -i "s/^enabled *=.*/enabled = false/" "$plugin"; done
rm -rf /var/cache/dnf /var/lib/dnf/plugins
dnf -q makecache'
rm -rf merged${buildDirectory} merged/var/log/*.log merged/var/log/apt merged/var/log/dnf* merged/var/log/hawkey*
: >merged/etc/machine-id`

/** Covers the Debian base below, the code of this directory, and the project's packages: equal fingerprints mean equal bases. */
export function fingerprint(under: string, world: ElWorld): string {
  const scripts = [lean, furnish, gather, pack, settle]
  const recipe = JSON.stringify({ version, under, scripts, world, preinstalled, dropped }, (_, value: unknown) =>
    value instanceof RegExp ? value.source : value,
  )
  return createHash('sha256').update(recipe).digest('hex').slice(0, 12)
}

/**
 * Makes the base of the family in `site/root` from a Debian base.
 *
 * @param under the root of the Debian base, relative to `site`
 */
export async function build(
  site: string,
  under: string,
  { proxy, architecture }: Pick<Archive, 'proxy' | 'architecture'>,
  world: ElWorld,
  tell: (detail: string, fraction: number) => void,
): Promise<void> {
  const env = proxy === '' ? {} : { http_proxy: proxy, https_proxy: proxy }
  const step = async (text: string, ...args: readonly string[]): Promise<void> => {
    await run(...contained('sh', ['-c', text, 'sh', ...args]), { cwd: site, env })
  }
  for (const part of ['container', 'root/etc/dpkg/dpkg.cfg.d']) await mkdir(path.join(site, part), { recursive: true })
  await replaceAtomically(path.join(site, 'root/etc/dpkg/dpkg.cfg.d/lean'), lean)
  tell('installing rpm, dnf and firewalld into a copy of the Debian base', 0.05)
  await step(furnish, under, ...preinstalled)
  tell('installing the Debian packages that the rpm packages are made of', 0.35)
  await step(gather, ...world.from)
  tell('making the rpm packages and repositories', 0.6)
  await writeBuildPlan(site, rpmArchitecture(architecture), world)
  await step(pack)
  tell('filling the rpm database', 0.85)
  await step(settle)
  await run('rm', ['-rf', '--one-file-system', '--', path.join(site, 'container')])
}

/** Files for the disk of one host: the network card's settings, where the tutorial's chapter 6.2.5 edits them. Pure. */
export function hostFiles(lab: Lab, node: LabNode): Readonly<Record<string, string>> {
  const settings = {
    TYPE: 'Ethernet',
    BOOTPROTO: 'none',
    NAME: 'host0',
    DEVICE: 'host0',
    ONBOOT: 'yes',
    IPADDR: node.address,
    PREFIX: '24',
    GATEWAY: lab.gateway,
  }
  const text = Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
  return { 'etc/sysconfig/network-scripts/ifcfg-host0': text }
}

function rpmArchitecture(architecture: string): string {
  return { amd64: 'x86_64', arm64: 'aarch64' }[architecture] ?? architecture
}
