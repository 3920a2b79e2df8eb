import type { NotBegun } from '../events.ts'
import type { Paint } from './text/paint.ts'
import type { HostProgress, RunProgress } from './run-progress.ts'
import { listItem } from './text/width.ts'
import { counted, listed, oneLine } from './text/words.ts'

/** Why a unit did not begin, in words. */
export function notBegunReason(why: NotBegun): string {
  switch (why.type) {
    case 'interrupted':
      return 'the run was interrupted'
    case 'host-failed':
      return `role ${why.role} failed on this host`
    case 'play-stopped':
      return `its play ${failures(why)}`
    case 'after-failed':
      return `it comes after play ${why.play}, which ${failures(why)}`
    case 'declined':
      return 'its play was stopped: the question after the previous batch was answered with no'
    case 'run-stopped':
      return `the run stops when play ${why.play} fails, and the play ${failures(why)}`
  }
}

function failures({ hosts, allowed }: { readonly hosts: readonly string[]; readonly allowed: number }): string {
  const most = allowed === 0 ? '' : ` (${allowed} may fail)`
  return `was not done on ${listed(hosts)}${most}`
}

/** Units that did not begin because of other hosts. Equal reasons are folded over hosts. */
export function notBegunSection(tally: RunProgress, paint: Paint, columns = Infinity): string[] {
  const groups = new Map<string, { readonly role: string; readonly reason: string; readonly hosts: string[] }>()
  for (const { host, role, notBegun } of Array.from(tally.hosts.values(), ({ units }: HostProgress) => units).flat()) {
    // Failed hosts are listed under "Failed", and the last line reports an interruption.
    if (notBegun === undefined || notBegun.type === 'host-failed' || notBegun.type === 'interrupted') continue
    const reason = notBegunReason(notBegun)
    const group = groups.get(`${role}\n${reason}`) ?? { role, reason, hosts: [] }
    groups.set(`${role}\n${reason}`, group)
    // The gate of such a role did not begin either.
    if (!group.hosts.includes(host)) group.hosts.push(host)
  }
  if (groups.size === 0) return []
  const lines = [...groups.values()].flatMap(({ role, reason, hosts }) => {
    const where = hosts.length === 1 ? listed(hosts) : `${counted(hosts.length, 'host')} (${listed(hosts)})`
    return listItem(`${oneLine(role)} ${paint.dim(`on ${where}: ${oneLine(reason)}`)}`, columns)
  })
  return [paint.strong('Not begun'), ...lines]
}
