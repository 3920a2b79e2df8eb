import { raw, sh, type Sh } from '../../sh/quote.ts'
import { trustedPlace } from '../../sh/trusted-place.sh.ts'

/**
 * Reads the details of a host. Changes nothing, and waits at most 5 s for a network file system.
 *
 * Source: proc(5), sysfs(5), os-release(5), systemd-detect-virt(1), stat(1).
 */
export const detailsProbe: Sh = raw(`say() { printf '%s\\n' "$*"; }
first() { { IFS= read -r line <"$1"; } 2>/dev/null || line=; }
for f in /etc/os-release /usr/lib/os-release; do [ -r "$f" ] || continue; sed -n 's/^VERSION_CODENAME=/codename /p' "$f"; break; done
say kernel "$(uname -r)"
say fqdn "$(hostname -f 2>/dev/null)"
zone=$([ -e /etc/localtime ] && readlink -f /etc/localtime); case $zone in */zoneinfo/*) say timezone "\${zone##*/zoneinfo/}";; *) first /etc/timezone; say timezone "$line";; esac
first /proc/uptime; say uptime "\${line%%.*}"
sed -n 's/^MemTotal: */memory total /p;s/^MemFree: */memory free /p;s/^MemAvailable: */memory available /p;s/^SwapTotal: */memory swap /p' /proc/meminfo
say processors "$(getconf _NPROCESSORS_ONLN 2>/dev/null || grep -c '^processor' /proc/cpuinfo)"
sed -n 's/^cpu cores[^:]*: */cores /p;s/^physical id[^:]*: */socket /p;s/^model name[^:]*: */model /p' /proc/cpuinfo | sort -u
for d in /sys/block/*; do
case \${d##*/} in '*' | loop* | ram* | zram* | dm-* | md* | sr* | fd*) continue;; esac
first "$d/size"; size=$line; first "$d/queue/rotational"; turns=$line; first "$d/removable"; leaves=$line; first "$d/device/model"
say disk "\${d##*/} \${size:-0} \${turns:-0} \${leaves:-0} $line"; done
while read -r dev path type options _; do
case $dev in /* | *:/*) ;; *) [ "$type" = zfs ] || continue;; esac
place=$(printf '%b' "$path")
size=$(timeout 5 sh -c '[ -d "$1" ] || exit 9; stat -f -c "%S %b %a" -- "$1" 2>/dev/null' sh "$place") || [ $? != 9 ] || continue
say mount "\${size:-- - -} $type $options $dev $path"; done </proc/mounts
for d in /sys/class/net/*; do [ -e "$d/mtu" ] || continue
first "$d/address"; mac=$line; first "$d/mtu"; mtu=$line; first "$d/operstate"
say link "\${d##*/} $mtu $line $mac"; done
for v in 4 6; do ip -$v route 2>/dev/null | sed -n "s/^default /gateway $v /p"; ip -o -$v addr show scope global 2>/dev/null | while read -r _ dev _ address _; do say address "$v $dev $address"; done; done
sed -n 's/^[[:space:]]*nameserver[[:space:]]\\{1,\\}/nameserver /p;s/^[[:space:]]*search[[:space:]]\\{1,\\}/search /p;s/^[[:space:]]*domain[[:space:]]\\{1,\\}/search /p' /etc/resolv.conf 2>/dev/null
first /sys/fs/selinux/enforce; say selinux "$line"
for f in sys_vendor product_name; do first "/sys/class/dmi/id/$f"; say "$f" "$line"; done
if command -v systemd-detect-virt >/dev/null 2>&1; then say virtualisation "$(systemd-detect-virt 2>/dev/null)"
elif [ -e /.dockerenv ]; then say virtualisation docker
elif [ -e /run/.containerenv ]; then say virtualisation podman
elif { tr '\\0' '\\n' </proc/1/environ; } 2>/dev/null | grep -q '^container='; then say virtualisation "$(tr '\\0' '\\n' </proc/1/environ | sed -n 's/^container=//p')"
elif grep -q '^flags.* hypervisor' /proc/cpuinfo; then say virtualisation other; fi
exit 0`)

/**
 * Reads a site's own facts, as Ansible keeps them: an executable file prints its fact, any other file contains it. Reads and runs only files that
 * root alone can change, with every directory above them. Prints `fact NAME STATE BYTES` and then the text.
 */
export function customProbe(names: readonly string[], directory = '/etc/ansible/facts.d'): Sh {
  return sh`d=${directory}
${raw(trustedPlace)}
for name in ${names}; do
f=$d/$name.fact
if [ ! -e "$f" ]; then echo "fact $name missing 0"; continue; fi
if ! trusted_place "$f" '' '' '' >/dev/null; then echo "fact $name untrusted 0"; continue; fi
state=there
if [ -x "$f" ]; then text=$(timeout 30 "$f" </dev/null 2>/dev/null) || state=failed; else text=$(cat "$f"); fi
echo "fact $name $state $(printf %s "$text" | wc -c)"; printf '%s\\n' "$text"
done`
}
