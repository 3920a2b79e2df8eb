import type { Facts, HostNetwork, OsFamily, PackageManager } from '../facts.ts'
import { shellFunction, raw } from '../sh/quote.ts'

/**
 * Reads the facts of a host. Travels with the script that opens the shell, so it costs no round trip of its own.
 *
 * Source: proc_sys_kernel(5), `hostname`, and `arch` since Linux 6.1; os-release(5); systemd is what runs exactly when /run/systemd/system exists (sd_booted(3)).
 */
export const factsProbe = shellFunction(
  ['a', 'b', 'u', 'k', 'v', 'p', 'f', 'l'],
  raw(`{ read -r a </proc/sys/kernel/hostname; } 2>/dev/null || a=$(uname -n)
{ read -r b </proc/sys/kernel/arch; } 2>/dev/null || b=$(uname -m)
echo "hostname=$a"
echo "arch=$b"
u=; while read -r k v b; do [ "$k" = Uid: ] && { u=\${b%%[!0-9]*}; break; }; done 2>/dev/null </proc/self/status
echo "uid=\${u:-$(id -u)}"
[ -d /run/systemd/system ] && echo init=systemd
for p in apt-get dnf yum; do command -v $p >/dev/null 2>&1 && { echo "pm=$p"; break; }; done
command -v b2sum >/dev/null 2>&1 && echo digest=b2sum
ip -o addr show scope global 2>/dev/null || { echo "addr=$(hostname -I)"; } 2>/dev/null
for f in /etc/os-release /usr/lib/os-release; do [ -r $f ] || continue
while IFS= read -r l || [ -n "$l" ]; do case $l in ID=* | ID_LIKE=* | VERSION_ID=* | PRETTY_NAME=*) echo "$l";; esac; done <$f
break; done`),
)

const families: readonly [OsFamily, RegExp][] = [
  ['debian', /\b(debian|ubuntu)\b/],
  ['el', /\b(rhel|centos|fedora|rocky|almalinux|openeuler|ol|amzn|anolis)\b/i],
]

const managers = new Map<string, PackageManager>([
  ['apt-get', 'apt'],
  ['dnf', 'dnf'],
  ['yum', 'yum'],
])

/** The limit of any fact that a host reports. */
const LONGEST = 4096

/** Reads the answer of `factsProbe`. A missing fact is an empty text, never a guess. */
export function readFacts(text: string): Facts {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const at = line.indexOf('=')
    if (at > 0 && !values.has(line.slice(0, at))) values.set(line.slice(0, at), line.slice(at + 1, at + 1 + LONGEST))
  }
  const one = (key: string) => values.get(key) ?? ''
  const release = (key: string) => assigned(one(key))
  const kin = `${release('ID')} ${release('ID_LIKE')}`
  const networks = [...text.matchAll(/^\d+: (\S+) +(inet6?) (\S+)/gm)].map(
    ([, device = '', family, cidr = '']): HostNetwork => {
      return { device, cidr: cidr.includes('/') ? cidr : `${cidr}/${family === 'inet' ? 32 : 128}` }
    },
  )
  const byIp = networks.map(({ cidr }) => cidr.replace(/[/].*/, ''))
  const addresses = byIp.length > 0 ? byIp : one('addr').split(' ').filter(Boolean)
  return {
    hostname: one('hostname'),
    os: {
      family: families.find(([, pattern]) => pattern.test(kin))?.[0] ?? 'other',
      id: release('ID'),
      version: release('VERSION_ID'),
      name: release('PRETTY_NAME'),
    },
    arch: one('arch'),
    init: one('init') === 'systemd' ? 'systemd' : 'other',
    packageManager: managers.get(one('pm')) ?? 'none',
    digest: one('digest') === 'b2sum' ? 'b2sum' : 'sha256sum',
    addresses: [...addresses.filter((a) => !a.includes(':')), ...addresses.filter((a) => a.includes(':'))],
    networks,
    uid: /^\d{1,10}$/.test(one('uid')) ? Number(one('uid')) : -1,
  }
}

/** The value of an assignment as a shell reads it. Source: os-release(5): one word, quoted where necessary. */
function assigned(value: string): string {
  const [, inSingle] = /^'(.*)'$/s.exec(value) ?? []
  if (inSingle !== undefined) return inSingle
  const [, inDouble] = /^"(.*)"$/s.exec(value) ?? []
  return inDouble === undefined ? value.replaceAll(/\\(.)/g, '$1') : inDouble.replaceAll(/\\(["$`\\])/g, '$1')
}
