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
  [/^\/etc\/postgresql(\/|$)/, 'postgresql'],
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
  if (found === undefined) return `put dir('${directory}') before this resource`
  const [, name, redHat] = found
  return `put pkg('${name}') before this resource${redHat === undefined ? '' : ` (${redHat} on the Red Hat family)`}`
}

/** Any package may put a file there, and so bring the directory. */
const SHARED = /\.d$|^\/etc\/cron\./

/**
 * Whether one of these packages may bring a directory. One that belongs to a package comes with that, or another of its family: `mysql-common` for
 * /etc/mysql, `postgresql-15` for /etc/postgresql. Any package may bring others.
 */
export function mayComeWith(directory: string, packages: readonly string[]): boolean {
  const [, ...owners] = BROUGHT.find(([pattern]) => pattern.test(directory)) ?? []
  if (owners.length === 0 || SHARED.test(directory)) return packages.length > 0
  const families = [...owners, ...directory.split('/').slice(2)].map((name) => /^[a-z]*/i.exec(name ?? '')?.[0] ?? '')
  return packages.some((name) => families.some((family) => family.length > 2 && name.includes(family.toLowerCase())))
}
