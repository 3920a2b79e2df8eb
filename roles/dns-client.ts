import { exec, file, line, role, service, sh, z } from 'rolecall'

/** glibc looks at no more than three (resolv.conf(5), MAXNS). */
const MOST_SERVERS = 3

/**
 * Chapter 6.2.5: every host asks the site's own name server.
 *
 * The tutorial writes that server alone. Here the servers that were there before stay behind it, and the new file goes live only when
 * the name server really answers: a host that cannot resolve names can be neither used nor repaired.
 */
export default role({
  name: 'dns-client',
  about: '6.2.5 every host asks the site’s name server',
  vars: z.object({
    search: z.string().default('host.com'),
    /** Default: the hosts of group dns. */
    servers: z.array(z.ipv4()).optional(),
  }),

  async apply({ $, ensure, site, vars }) {
    const servers = vars.servers ?? site.hosts('dns').map((host) => host.address)
    const answers = sh`command -v dig >/dev/null || exit 127
      for s in ${servers}; do dig -t SOA ${vars.search} @$s +short +time=2 +tries=2 | grep -q . || { echo "$s does not answer for "${vars.search}; exit 1; }; done`
    const found = (
      await $.read`case $(readlink -f /etc/resolv.conf) in /run/systemd/resolve/*) echo resolved;; /run/resolvconf/*|/etc/resolvconf/run/*) echo resolvconf;; esac
        [ -d /etc/NetworkManager/conf.d ] && echo networkmanager
        for f in /etc/sysconfig/network-scripts/ifcfg-*; do [ -e "$f" ] && [ "$f" != /etc/sysconfig/network-scripts/ifcfg-lo ] && echo "ifcfg $f"; done; true`
    ).stdout.split('\n')

    if (found.includes('resolved')) {
      const conf = file('/etc/systemd/resolved.conf.d/rolecall.conf', {
        content: `[Resolve]\nDNS=${servers.join(' ')}\nDomains=${vars.search}\n`,
        validate: answers,
      })
      await ensure(conf, service('systemd-resolved', { restartedAfter: [conf] }))
      return
    }
    if (found.includes('resolvconf')) {
      const head = file('/etc/resolvconf/resolv.conf.d/head', { content: resolvConf(vars.search, servers, ''), validate: answers })
      await ensure(head, exec('resolvconf', { run: 'resolvconf -u', unless: sh`grep -qF ${`nameserver ${servers[0] ?? ''}`} /etc/resolv.conf` }))
      return
    }
    if (found.includes('networkmanager')) {
      await ensure(file('/etc/NetworkManager/conf.d/90-rolecall-dns.conf', { content: '[main]\ndns=none\n' }))
    }
    const ifcfg = found.filter((row) => row.startsWith('ifcfg ')).map((row) => row.slice('ifcfg '.length))
    await ensure(
      ifcfg.map((path) => line(path, { line: `DNS1=${servers[0] ?? ''}`, match: /^DNS1=/ })),
      file('/etc/resolv.conf', { content: (live) => resolvConf(vars.search, servers, live ?? ''), validate: answers }),
    )
  },

  async verify({ $, expect, site, vars }) {
    for (const { name, address } of site.hosts('all')) {
      const answer = await $`getent ahostsv4 ${`${name}.${vars.search}`}`.nothrow()
      expect(answer.stdout.split(/\s/)[0], `${name}.${vars.search} by the resolver`).toBe(address)
    }
    const short = await $`dig +search -t A ${site.hosts('all')[0]?.name ?? ''} +short +time=2`.nothrow()
    expect(short.stdout.trim(), 'a short name, by search').toBe(site.hosts('all')[0]?.address)
  },
})

/** The site's servers first, then those that were there; a search list of the user's own gives way. */
export function resolvConf(search: string, servers: readonly string[], live: string): string {
  const before = [...live.matchAll(/^\s*nameserver\s+(\S+)/gm)].flatMap(([, server]) => server ?? [])
  const options = live.split('\n').filter((row) => row.startsWith('options '))
  const all = [...new Set([...servers, ...before])].slice(0, MOST_SERVERS)
  return [`search ${search}`, ...all.map((server) => `nameserver ${server}`), ...options, ''].join('\n')
}
