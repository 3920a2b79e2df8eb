import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Archive } from '../machine/archive.ts'
import { replaceAtomically, makeDirectory } from '../machine/files.ts'

/** Change this when `writeBaseFiles` writes something different, so that older bases are not used again. */
const version = 1

export const basePackages = ['systemd', 'systemd-sysv', 'dbus', 'openssh-server', 'iproute2', 'sudo', 'ca-certificates']

/**
 * `debootstrap` into an overlay whose upper layer becomes the base. The only reason for the overlay is its `volatile`
 * option: dpkg's many fsyncs then cost nothing (39 s instead of 65 s on two cores). A crash loses nothing, because only a complete result is used.
 */
export const bootstrap = `
set -e
umask 022
mount -t overlay overlay -o lowerdir=empty,upperdir=root,workdir=work,volatile merged
exec "$@"`

/**
 * Shell code that turns a Debian root into the root of lab hosts. It calls a function `in_base`, which runs a program in that root.
 *
 * @param root the path of that root, with a slash at the end
 */
export function baseSetup(root: string): string {
  return `in_base useradd --create-home --uid 1000 --user-group --shell /bin/bash ops
in_base systemctl --quiet enable systemd-networkd.service
in_base systemctl --quiet disable apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service \\
  systemd-networkd-wait-online.service || :
in_base systemctl --quiet mask console-getty.service getty@.service
in_base update-ca-certificates >/dev/null
in_base apt-get -qq update
in_base apt-get clean
in_base apt-cache gencaches
rm -rf ${root}etc/ssh/ssh_host_* ${root}var/log/*.log ${root}var/log/apt/* ${root}etc/hostname
: >${root}etc/machine-id`
}

/** Turns a Debian root into the root of lab hosts: users, units, trusted certificates, package lists. Files of a single host are not included. */
export const finish = `
set -e
umask 022
rm -rf work/work
mount -t overlay overlay -o lowerdir=empty,upperdir=root,workdir=work,volatile merged
in_base() { chroot merged "$@"; }
${baseSetup('merged/')}`

/** The command line of `debootstrap` for the `bootstrap` script. */
export function debootstrapCommand(archive: Archive): readonly string[] {
  const main = archive.sources.find((source) => source.suite === archive.codename)
  const component = main?.components.join(',') ?? 'main'
  return [
    'debootstrap',
    '--variant=minbase',
    `--components=${component}`,
    `--include=${basePackages.join(',')}`,
    archive.codename,
    'merged',
    main?.uri ?? '',
  ]
}

/**
 * The number of lines that `debootstrap` prints with `I:` (643 for Debian 12 and the packages above), for the progress bar.
 */
export const expectedLines = 643

/** Covers everything that goes into a base: equal fingerprints mean equal bases. */
export function fingerprint(archive: Archive): string {
  const recipe = JSON.stringify({ version, packages: basePackages, bootstrap, finish, archive })
  return createHash('sha256').update(recipe).digest('hex').slice(0, 12)
}

/** Writes the base's text files. Runs between `bootstrap` and `finish`. */
export async function writeBaseFiles(root: string, archive: Archive, resolvers: string): Promise<void> {
  const etc = path.join(root, 'etc')
  const keyring = `/usr/share/keyrings/${archive.id}-archive-keyring.gpg`
  const stanzas = archive.sources.map((source) =>
    [
      'Types: deb',
      `URIs: ${source.uri}`,
      `Suites: ${source.suite}`,
      `Components: ${source.components.join(' ')}`,
      `Signed-By: ${keyring}`,
      '',
    ].join('\n'),
  )
  await replaceAtomically(path.join(etc, 'apt/sources.list'), '')
  await replaceAtomically(path.join(etc, `apt/sources.list.d/${archive.id}.sources`), stanzas.join('\n'))
  await replaceAtomically(path.join(etc, 'apt/apt.conf.d/90machine'), archive.settings)
  await replaceAtomically(path.join(etc, 'sudoers.d/ops'), 'ops ALL=(ALL:ALL) NOPASSWD: ALL\n', { mode: 0o440 })
  await replaceAtomically(path.join(etc, 'resolv.conf'), resolvers)
  const authorities = path.join(root, 'usr/local/share/ca-certificates')
  await mkdir(authorities, { recursive: true })
  for (const [name, text] of Object.entries(archive.authorities))
    await replaceAtomically(path.join(authorities, name), text)
  await makeDirectory(path.join(root, 'data'))
}
