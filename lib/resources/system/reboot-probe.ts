import { lines, raw, sh, shellFunction, type Sh } from '../../sh/quote.ts'
import { readHostTime, type HostTime } from '../kit/host-time.ts'
import type { Reply } from '../kit/kind.ts'
import type { RebootHave } from './reboot-due.ts'
import { allAfter } from '../kit/text.ts'

/**
 * The boot that a host is in. A container may share the id of the kernel's boot, and then its first process tells them apart.
 *
 * Source: random(4), boot_id; proc(5), /proc/pid/stat, field 22.
 */
export const bootMark = raw(`b=; read -r b </proc/sys/kernel/random/boot_id
s=; read -r s </proc/1/stat; set -- \${s##*)}
b=$b-\${20}`)

/** Field 22 counts a hundredth of a second, whatever the machine: `sysconf(_SC_CLK_TCK)` of Linux. */
const TICKS = 100

/**
 * Source: proc(5); the Debian policy of reboot-required (update-notifier-common, unattended-upgrades); needs-restarting(1); systemd's container interface.
 */
export function probeReboot(paths: readonly string[], packages: readonly string[]): Sh {
  return shellFunction(
    ['b', 's', 'u', 'c', 'p', 'w', 'f', 't'],
    lines(
      bootMark,
      raw(`echo "boot $b"; echo "ticks \${b##*-}"
u=; read -r u f </proc/uptime; echo "now $(date +%s.%N 2>/dev/null)"; echo "uptime $u"
c=; [ ! -r /run/systemd/container ] || read -r c </run/systemd/container
[ -n "$c" ] || { [ ! -e /.dockerenv ] || c=docker; [ ! -e /run/.containerenv ] || c=podman; }
[ -n "$c" ] || c=$(tr '\\0' '\\n' </proc/1/environ 2>/dev/null | sed -n 's/^container=//p')
echo "container $c"
for f in /run/reboot-required /var/run/reboot-required; do [ ! -e "$f" ] || { echo "required $f is there"; break; }; done
[ -n "$c" ] || ! command -v needs-restarting >/dev/null 2>&1 || { needs-restarting -r >/dev/null 2>&1; [ $? != 1 ] || echo 'required needs-restarting says so'; }
echo "running $(uname -r)"
for f in /boot/vmlinuz-* /lib/modules/*/vmlinuz; do [ -e "$f" ] || continue; case $f in /boot/*) f=\${f#/boot/vmlinuz-};; *) f=\${f%/vmlinuz}; f=\${f##*/};; esac; echo "kernel $f"; done`),
      ...(paths.length === 0 ? [] : [probePaths(paths)]),
      ...(packages.length === 0 ? [] : [probePackages(packages)]),
      raw(':'),
    ),
  )
}

/** The time of a link is its own, and that of what it leads to as well. */
function probePaths(paths: readonly string[]): Sh {
  return sh`for p in ${paths}; do
for f in -c -Lc; do t=$(stat $f %.9Z -- "$p" 2>/dev/null || stat $f %Z -- "$p" 2>/dev/null) || continue
echo "changed $t $p"; done; done`
}

/** When dpkg or rpm has installed a package: dpkg writes the list of its files then. */
function probePackages(packages: readonly string[]): Sh {
  return sh`for p in ${packages}; do
t=; for f in /var/lib/dpkg/info/"$p".list /var/lib/dpkg/info/"$p":*.list; do [ ! -e "$f" ] || { t=$(stat -c %.9Z -- "$f" 2>/dev/null || stat -c %Z -- "$f"); break; }; done
[ -n "$t" ] || ! command -v rpm >/dev/null 2>&1 || t=$(rpm -q --qf '%{INSTALLTIME}\n' -- "$p" 2>/dev/null | sort -n | tail -n 1)
case $t in *[0-9]) echo "changed $t $p";; esac; done`
}

export function readReboot(reply: Reply): RebootHave {
  const all = (word: string) => allAfter(reply.lines, word)
  const one = (word: string) => all(word)[0] ?? ''
  const required = all('required')[0]
  return {
    boot: one('boot'),
    since: bootTime(one('now'), Number(one('uptime')), Number(one('ticks'))),
    ...(required === undefined ? { required: undefined } : { required }),
    running: one('running'),
    kernels: [...new Set(all('kernel'))],
    container: one('container') === '' ? undefined : one('container'),
    changed: all('changed').flatMap((line) => {
      const [, time = '', what = ''] = /^(\S+) (.*)$/s.exec(line) ?? []
      const at = readHostTime(time)
      return at === undefined ? [] : [{ what, at }]
    }),
  }
}

/**
 * When the first process began. Where a container is told an uptime of its own, what was counted from the kernel's boot is in the future, and the uptime
 * alone is meant. Rounded to the second before, so that nothing which the boot itself has written counts; a boot takes longer than that.
 */
function bootTime(now: string, uptime: number, ticks: number): HostTime | undefined {
  const seconds = Number(/^\d+(?:\.\d+)?/.exec(now)?.[0] ?? NaN)
  if (!Number.isFinite(seconds) || !Number.isFinite(uptime) || !Number.isFinite(ticks)) return undefined
  const begun = seconds - uptime + ticks / TICKS
  const at = begun > seconds ? seconds - uptime : begun
  return { seconds: Math.floor(at), nanos: Math.floor((at % 1) * 1e9) }
}
