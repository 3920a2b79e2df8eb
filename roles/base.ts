import { exec, line, pkg, role, service, sh, z } from 'rolecall'

/**
 * Chapter 6.1: SELinux and firewalld out of the way, EPEL, and the common tools.
 *
 * The tutorial edits `SELINUXTYPE=`; what switches SELinux is `SELINUX=`. Hosts without SELinux or firewalld have nothing to do here.
 */
export default role({
  name: 'base',
  about: '6.1 SELinux and firewalld off, EPEL, common tools',
  vars: z.object({
    selinux: z.enum(['permissive', 'disabled', 'enforcing']).default('permissive'),
    firewall: z.boolean().default(false).describe('whether firewalld may run'),
    /** Packages beside the tutorial's own, under the names of the host's family. */
    tools: z.array(z.string()).default([]),
  }),

  async apply({ ensure, exists, host, vars }) {
    const common = ['wget', 'telnet', 'net-tools', 'tree', 'nmap', 'sysstat', 'lrzsz', 'dos2unix']
    const lookups = host.pick({ debian: 'bind9-dnsutils', el: 'bind-utils' })

    if (await exists('/etc/selinux/config')) {
      await ensure(
        line('/etc/selinux/config', { line: `SELINUX=${vars.selinux}`, match: /^\s*SELINUX=/ }),
        exec('selinux now', {
          run: ['setenforce', vars.selinux === 'enforcing' ? 1 : 0],
          unless: sh`! command -v getenforce >/dev/null || [ "$(getenforce)" = Disabled ] ||
            case ${vars.selinux} in enforcing) [ "$(getenforce)" = Enforcing ];; *) [ "$(getenforce)" = Permissive ];; esac`,
        }),
      )
    }
    await ensure(
      vars.firewall ? [] : service('firewalld', { running: false, enabled: false }),
      hasEpel(host.os.id) ? pkg('epel-release') : [],
      pkg([...common, lookups, ...vars.tools]),
    )
  },

  async verify({ $, expect }) {
    for (const tool of ['wget', 'tree', 'nmap', 'dig', 'netstat', 'dos2unix'])
      expect((await $`command -v ${tool}`.nothrow()).exitCode, `${tool} is there`).toBe(0)
    expect((await $`systemctl is-active firewalld`.nothrow()).stdout.trim(), 'firewalld does not run').toMatch(/inactive|unknown|^$/)
  },
})

/** The distributions that EPEL is made for; Fedora and openEuler have these packages themselves. */
function hasEpel(id: string): boolean {
  return ['rhel', 'centos', 'rocky', 'almalinux', 'ol'].includes(id)
}
