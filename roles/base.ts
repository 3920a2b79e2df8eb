import { inline, kind, pkg, role, service, sh, z, type OsFamily } from 'rolecall'

/** The tutorial's tools that another family has under another name. */
const names: Partial<Record<OsFamily, Readonly<Record<string, string>>>> = {
  debian: { 'bind-utils': 'bind9-dnsutils', telnet: 'inetutils-telnet' },
}

/** Distributions whose own sources have EPEL's package. */
const withEpel = ['centos', 'rocky', 'almalinux']

/** Whether SELinux enforces, now and after a boot. Where there is none, there is nothing to do. */
const selinux = kind<{ mode: 'permissive' | 'disabled' }, { enforcing: boolean; config: string | undefined }>({
  name: 'selinux',
  probe: () =>
    inline(
      [],
      sh`if command -v getenforce >/dev/null && [ "$(getenforce 2>/dev/null)" = Enforcing ]; then echo enforcing; else echo lenient; fi
[ ! -f /etc/selinux/config ] || sed -n 's/^SELINUX= *\\([a-z]*\\).*/\\1/p' /etc/selinux/config 2>/dev/null; :`,
    ),
  read: (_, { lines: [now, config] }) => ({ enforcing: now === 'enforcing', config }),
  plan: ({ mode }, { enforcing, config }) => [
    ...(enforcing ? [{ summary: 'stop enforcing SELinux', sh: sh`setenforce 0` }] : []),
    // What is disabled stays so: to make it permissive would switch it on.
    ...(config === 'enforcing' || (config === 'permissive' && mode === 'disabled')
      ? [{ summary: `set SELINUX=${mode}`, sh: sh`sed -i ${`s/^SELINUX=.*/SELINUX=${mode}/`} /etc/selinux/config` }]
      : []),
  ],
})

/**
 * Chapter 6.1: what every host has in common.
 *
 * Done differently today, and why:
 * - The tutorial sets `SELINUXTYPE`; that names the policy. The mode is `SELINUX`, and it says so in /etc/selinux/config.
 * - Debian has neither SELinux nor firewalld unless somebody installs them. Where they are not there, nothing is done.
 * - EPEL is installed where the distribution has it. openEuler and Debian have the tools in their own sources.
 */
export default role({
  name: 'base',
  about: 'SELinux and firewalld off, common tools (chapter 6.1)',
  tags: ['base'],
  vars: z.object({
    /** What SELinux is turned down to, where it enforces. */
    selinux: z.enum(['permissive', 'disabled']).default('permissive'),
    /** Whether EPEL is wanted on the distributions that have it. */
    epel: z.boolean().default(true),
    /** The tutorial's names of packages; each family's own name is found. Others are taken as they are. */
    tools: z
      .array(z.string().min(1))
      .default(['wget', 'telnet', 'net-tools', 'tree', 'nmap', 'sysstat', 'lrzsz', 'dos2unix', 'bind-utils']),
  }),

  async apply({ ensure, host, vars }) {
    const tools = vars.tools.map((tool) => names[host.os.family]?.[tool] ?? tool)

    await ensure(
      selinux('mode', { mode: vars.selinux }),
      host.init === 'systemd' ? [service('firewalld', { running: false, enabled: false })] : [],
      vars.epel && withEpel.includes(host.os.id) ? [pkg('epel-release')] : [],
      tools.length > 0 ? [pkg(tools)] : [],
    )
  },

  async verify({ $, expect, vars }) {
    const enforcing = await $.read`getenforce 2>/dev/null`.nothrow()
    expect(/^Enforcing/.test(enforcing.stdout) ? 'Enforcing' : 'lenient', 'SELinux').toBe('lenient')
    const firewalld = await $.read`systemctl is-active firewalld 2>/dev/null`.nothrow()
    expect(/^active/.test(firewalld.stdout) ? 'running' : 'stopped', 'firewalld').toBe('stopped')

    const commands = {
      wget: 'wget',
      telnet: 'telnet',
      'net-tools': 'netstat',
      tree: 'tree',
      nmap: 'nmap',
      sysstat: 'sar',
      lrzsz: 'rz',
      dos2unix: 'dos2unix',
      'bind-utils': 'dig',
    }
    for (const [tool, command] of Object.entries(commands)) {
      if (!vars.tools.includes(tool)) continue
      expect((await $.read`command -v ${command}`.nothrow()).exitCode, `command -v ${command}`).toBe(0)
    }
  },
})
