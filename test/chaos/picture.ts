import type { Machine } from './machine.ts'

/** What is there for a different content on every host that is set up: compared by its being there, its mode and its owner. */
const MADE_BY_CHANCE = [
  '^opt/certs/ca(-key)?[.]pem$',
  '^opt/certs/ca[.]csr$',
  // Of the cluster: its authorities, keys and what they sign.
  '^opt/certs/.*[.](pem|csr|keys)$',
  '^etc/(kubernetes|etcd)/pki/.*$',
  '^etc/kubernetes/encryption[.]json$',
  // Of the packages: keys that are made at their installation or first start, and caches.
  '^etc/bind/rndc[.]key$',
  '^etc/docker/key[.]json$',
  '^etc/ld[.]so[.]cache$',
  // Of Harbor: passwords between its services, which every run of its installer makes anew.
  '^opt/harbor-[^/]*/common/config/(core/env|registry/passwd|jobservice/env|registryctl/env)$',
]

/** Not part of the site: what a host writes on its own account. */
const PASSED_OVER = [
  'etc/passwd-',
  'etc/shadow-',
  'etc/group-',
  'etc/gshadow-',
  'etc/subuid-',
  'etc/subgid-',
  'etc/resolv.conf.dp-*',
  'etc/.pwd.lock',
  '*/.bash_history',
]

/** Files with mode, owner and content; packages; accounts; units, and whether they run and start at boot; containers and images. */
const script = `export LC_ALL=C
cd / || exit 1
find etc opt root home usr/local srv -xdev ${PASSED_OVER.map((path) => `! -path '${path}'`).join(' ')} -printf 'entry %p %y %m %u:%g %l\\n'
find etc opt root home usr/local srv -xdev -type f ${PASSED_OVER.map((path) => `! -path '${path}'`).join(' ')} -print0 | xargs -0 sha256sum | sed 's/^\\([0-9a-f]*\\)  \\(.*\\)$/content \\2 \\1/' | grep -vE '^content (${MADE_BY_CHANCE.map((path) => path.slice(1, -1)).join('|')}) '
dpkg-query -W -f 'package \${Package} \${Version} \${Status}\\n'
dpkg --audit | sed 's/^/audit /'
systemctl list-unit-files --no-legend --plain --no-pager | awk '$2 !~ /^(transient|generated)$/ { print "unit-file", $1, $2 }'
systemctl list-units --type=service --state=active,failed --no-legend --plain --no-pager | awk '$1 !~ /^(user@|user-runtime-dir@|apt-daily|dpkg-db-backup|systemd-|e2scrub|fstrim|logrotate|man-db|getty|console-getty|modprobe|sysstat-)/ { print "unit", $1, $3, $4 }'
! command -v docker >/dev/null || { docker ps -a --format 'container {{.Names}} {{.Image}} {{.State}}'; docker image ls --format 'image {{.Repository}}:{{.Tag}}'; }
getent passwd | cut -d: -f1,6,7 | sed 's/^/account /'
getent group | cut -d: -f1,4 | sed 's/^/group /'`

/** What a killed run may have left: candidates, directories of simulations, and half-unpacked files of a package manager. */
const leftovers = `find / -xdev \\( -path /proc -o -path /sys \\) -prune -o \\( -name '.*.rolecall.??????' -o -path '/tmp/rolecall.*' -o -path '/tmp/tmp.*' -prune -o -path '/run/rolecall.*' -o -path '/dev/shm/rolecall.*' -o -name '.ca.??????' -o -path '/opt/.harbor.??????' -o -name '*.dpkg-new' \\) -print
for d in /run /tmp /dev/shm /data; do find $d -xdev \\( -name '.*.rolecall.??????' -o -name 'rolecall.??????' \\) -print; done 2>/dev/null | sort -u`

/** What every picture has. */
const PARTS = ['entry', 'content', 'package', 'unit-file', 'unit', 'account', 'group']

/** A host as it is now: one line for each thing, in order. */
export async function picture(machine: Machine): Promise<readonly string[]> {
  for (let attempt = 1; ; attempt++) {
    const lines = (await machine.run(script)).split('\n').filter((line) => line !== '')
    const missing = PARTS.filter((part) => !lines.some((line) => line.startsWith(`${part} `)))
    if (missing.length === 0) return lines.sort()
    // On a machine with far too much to do systemctl gives up after 25 s.
    if (attempt === 3) throw new Error(`${machine.name} does not tell its ${missing.join(', ')}`)
  }
}

/** Temporary files on a host, of which none should be there. */
export async function leftoversOn(machine: Machine): Promise<readonly string[]> {
  return [...new Set((await machine.run(leftovers)).split('\n').filter((line) => line !== ''))]
}

/** In what two pictures differ: `+` is there and should not be, `-` should be there. */
export function difference(wanted: readonly string[], found: readonly string[]): readonly string[] {
  const [before, after] = [new Set(wanted), new Set(found)]
  return [
    ...wanted.filter((line) => !after.has(line)).map((line) => `- ${line}`),
    ...found.filter((line) => !before.has(line)).map((line) => `+ ${line}`),
  ]
}
