/**
 * Directories that come with a package, with owners and modes of its own. Whoever makes one by hand has a file there that nothing reads.
 * Names of Debian, and of the Red Hat family where they differ.
 */
const BROUGHT: readonly (readonly [directory: RegExp, package_: string, redHat?: string])[] = [
  [/^\/var\/spool\/cron(\/crontabs)?$|^\/etc\/cron\.(d|hourly|daily|weekly|monthly)$/, 'cron', 'cronie'],
  [/^\/etc\/logrotate\.d$/, 'logrotate'],
  [/^\/etc\/sudoers\.d$/, 'sudo'],
  [/^\/etc\/ssh\/sshd_config\.d$/, 'openssh-server'],
  [/^\/etc\/rsyslog\.d$/, 'rsyslog'],
  [/^\/etc\/nginx(\/|$)/, 'nginx'],
  [/^\/etc\/apache2(\/|$)/, 'apache2'],
  [/^\/etc\/httpd(\/|$)/, 'httpd'],
  [/^\/etc\/haproxy$/, 'haproxy'],
  [/^\/etc\/bind$/, 'bind9'],
  [/^\/(etc|var)\/named(\/|$)/, 'bind9', 'bind'],
  [/^\/etc\/postgresql(\/|$)/, 'postgresql'],
  [/^\/var\/lib\/pgsql(\/|$)/, 'postgresql'],
  [/^\/etc\/mysql(\/|$)/, 'mariadb-server'],
  [/^\/etc\/redis$/, 'redis-server', 'redis'],
  [/^\/etc\/fail2ban(\/|$)/, 'fail2ban'],
  [/^\/etc\/keepalived$/, 'keepalived'],
  [/^\/etc\/dnsmasq\.d$/, 'dnsmasq'],
  [/^\/etc\/chrony(\/|$)/, 'chrony'],
  [/^\/etc\/unbound(\/|$)/, 'unbound'],
  [/^\/etc\/postfix$/, 'postfix'],
  [/^\/etc\/NetworkManager(\/|$)/, 'network-manager', 'NetworkManager'],
  [/^\/etc\/netplan$/, 'netplan.io'],
]

/**
 * What to put before a resource whose directory is not there.
 *
 * @example
 * bringDirectory('/var/spool/cron/crontabs')   // "put pkg('cron') before it (cronie on the Red Hat family)"
 * bringDirectory('/srv/app')   // "put dir('/srv/app') before it"
 */
export function bringDirectory(directory: string): string {
  const found = BROUGHT.find(([pattern]) => pattern.test(directory))
  if (found === undefined) return `put dir('${directory}') before it`
  const [, name, redHat] = found
  return `put pkg('${name}') before it${redHat === undefined ? '' : ` (${redHat} on the Red Hat family)`}`
}

/** Parts of paths that say nothing of whose they are. */
const ANYBODYS = new Set(
  'etc usr var lib lib64 libexec share cache log spool local bin sbin conf config default system conf.d'.split(' '),
)

/** Whether one of these packages may well bring a directory: it is known for that, or both have a word in common. */
export function mayBringDirectory(packages: readonly string[], directory: string): boolean {
  const known = BROUGHT.filter(([pattern]) => pattern.test(directory)).flatMap(([, name, redHat]) => [name, redHat])
  if (packages.some((name) => known.some((each) => each !== undefined && name.startsWith(each)))) return true
  const parts = directory
    .toLowerCase()
    .split('/')
    .filter((part) => !ANYBODYS.has(part))
    .flatMap((part) => part.split(/[^a-z]+/))
  const words = new Set(packages.flatMap((name) => name.toLowerCase().split(/[^a-z]+/)))
  const isWord = (part: string) => part.length >= 3
  return parts
    .filter(isWord)
    .some((part) => [...words].some((word) => isWord(word) && (part.includes(word) || word.includes(part))))
}
