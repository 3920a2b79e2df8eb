import { readFileSync } from 'node:fs'
import { groupOf } from '../../lib/lab/nspawn/cgroup.ts'
import { leaderOf } from '../../lib/lab/nspawn/process.ts'
import type { Host } from '../../lib/host/host.ts'
import { Entrance, killAll } from './namespaces.ts'
import { walk, type Entry, type Snapshot } from './snapshot.ts'
import type { TrialHost } from './trial-host.ts'

/** Where roles of the generator change something on such a host. */
const WALKED = ['/etc', '/srv', '/home', '/usr/local']
const UNITS = 'rt*'

/** Takes away what a case has left on a host of this name. Names of units begin with `rt`. */
const clean = (node: string) => `
systemctl stop '${UNITS}'
rm -rf /etc/systemd/system/rt* /etc/systemd/system/*.wants/rt* /etc/systemd/system/*.requires/rt* /run/systemd/system/rt* /etc/systemd/system/*.wants/.rt*
awk '$2 ~ "^/srv/" { print $2 }' /proc/mounts | tac | while read -r m; do umount -l "$m"; done
[ ! -f /etc/fstab ] || sed -i '\\| /srv/|d' /etc/fstab
chattr -R -ia /srv/w; rm -rf /srv/* /run/rolecall/wait* /run/rolecall/work-* /run/rolecall/stopped-* /var/lib/rolecall /etc/sysctl.d/90-rolecall-*
echo 0 >/proc/sys/net/ipv4/conf/lo/rp_filter; echo 60 >/proc/sys/net/ipv4/tcp_fin_timeout
[ "$(hostname)" = ${node} ] || hostnamectl set-hostname ${node}
rm -f /etc/sysctl.d/99-other.conf
systemctl daemon-reload; systemctl reset-failed
`

/** A host of the lab that has booted: with systemd, and cleaned up after each case. */
export class BootedHost implements TrialHost {
  readonly kind = 'booted'
  readonly #node: string
  readonly #leader: number
  readonly #entrance: Entrance

  private constructor(node: string, leader: number) {
    this.#node = node
    this.#leader = leader
    const into = ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--root', '--wd']
    this.#entrance = new Entrance((script) => [
      'nsenter',
      ['-t', String(leader), ...into, '--', '/bin/sh', '-c', script],
    ])
  }

  /** Undefined where the lab of that name has no such host up. */
  static async of(lab: string, node: string): Promise<BootedHost | undefined> {
    const leader = await leaderOf(await groupOf(lab, node))
    return leader === undefined ? undefined : new BootedHost(node, leader)
  }

  /** Those of a lab that are up. */
  static async all(lab: string, nodes: readonly string[]): Promise<readonly BootedHost[]> {
    const found = await Promise.all(nodes.map((node) => BootedHost.of(lab, node)))
    return found.filter((host) => host !== undefined)
  }

  async reset(): Promise<void> {
    await this.#entrance.sh(clean(this.#node))
  }

  sh(script: string) {
    return this.#entrance.sh(script)
  }

  connect(): Promise<Host> {
    return this.#entrance.connect()
  }

  async snapshot(): Promise<Snapshot> {
    const show = `systemctl show --property=Id,ActiveState,UnitFileState,InvocationID,NeedDaemonReload '${UNITS}'; sysctl net.ipv4.conf.lo.rp_filter net.ipv4.tcp_fin_timeout; hostname`
    const { out } = await this.#entrance.sh(show)
    const root = `/proc/${this.#leader}/root`
    const files = WALKED.flatMap((top) => [...walk(root + top, top, () => false)])
    const units = out.split('\n\n').map((text): [string, Entry] => {
      const id = /^Id=(.*)$/m.exec(text)?.[1] ?? 'kernel'
      return [`unit ${id}`, { is: text.replace(/^InvocationID=.*\n?/m, '').trim(), at: text }]
    })
    return new Map([...files, ...units])
  }

  async cut(): Promise<void> {
    const pids = this.#entrance.cut()
    for (let tries = 0; tries < 200 && treeOf(pids).length > 0; tries++) await new Promise((go) => setTimeout(go, 20))
    killAll(() => treeOf(pids))
  }

  async kill(): Promise<void> {
    const tree = treeOf(this.#entrance.cut())
    killAll(() => tree.filter(isAtWork))
    await new Promise((go) => setTimeout(go, 1))
  }

  async close(): Promise<void> {
    await this.reset()
    this.#entrance.hangUp()
  }
}

/** Of one that has ended a trace is left until its parent has asked for it: until somebody lets Node do so. */
function isAtWork(pid: number): boolean {
  try {
    return !/^[ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, ''))
  } catch {
    return false
  }
}

/** Processes and all that they have begun, those that are still there. */
function treeOf(pids: readonly number[]): number[] {
  return pids.flatMap((pid) => {
    try {
      if (!isAtWork(pid)) return []
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').map(Number)
      return [pid, ...treeOf(children.filter((each) => each > 0))]
    } catch {
      return []
    }
  })
}
