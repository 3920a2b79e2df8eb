import { mirrorPort, type Lab, type LabNode, type Say } from '../model.ts'
import { run, succeeds } from '../machine/run.ts'

interface Link {
  readonly ifname: string
  readonly ifalias?: string
  readonly master?: string
}

/** What marks a rule or a bridge as ours, so that it is found again without any record of it. */
function mark(lab: string): string {
  return `rolecall-${lab}`
}

/** The firewall rules of a lab: table, chain, and what follows. */
function rules(lab: Lab): readonly (readonly [table: string, chain: string, rule: readonly string[]])[] {
  const comment = ['-m', 'comment', '--comment', mark(lab.name)]
  return [
    // What stays on the bridge keeps its address, wherever it goes: with br_netfilter it comes by here too, such as from a host to another one's pods.
    [
      'nat',
      'POSTROUTING',
      ['-s', lab.subnet, '!', '-d', lab.subnet, '!', '-o', lab.bridge, ...comment, '-j', 'MASQUERADE'],
    ],
    // dockerd on the machine sets the policy of FORWARD to DROP.
    ['filter', 'FORWARD', ['-i', lab.bridge, ...comment, '-j', 'ACCEPT']],
    ['filter', 'FORWARD', ['-o', lab.bridge, ...comment, '-j', 'ACCEPT']],
    // A firewall on the machine may let nobody in.
    ['filter', 'INPUT', ['-i', lab.bridge, '-p', 'tcp', '--dport', String(mirrorPort), ...comment, '-j', 'ACCEPT']],
  ]
}

/** Makes the lab's bridge and rules be there; what is there already is left alone. */
export async function ensureNetwork(lab: Lab, say: Say): Promise<void> {
  if (await ensureBridge(lab)) say({ step: 'network', detail: `bridge ${lab.bridge} with ${lab.gateway}` })
  for (const [table, chain, rule] of rules(lab)) {
    if (await succeeds('iptables', ['-w', '-t', table, '-C', chain, ...rule])) continue
    await run('iptables', ['-w', '-t', table, '-I', chain, ...rule])
    say({ step: 'network', detail: `rule ${chain} ${rule.at(-1) ?? ''}` })
  }
}

/** Removes every bridge and rule marked as the lab's, whether a record of them is left or not. */
export async function removeNetwork(lab: string): Promise<void> {
  const present = await links()
  for (const bridge of present.filter((link) => link.ifalias === mark(lab))) {
    // A host's end lives on while the kernel still has connections of the host to close. It may go away at any moment.
    for (const port of present.filter((link) => link.master === bridge.ifname && link.ifname.startsWith('vb-')))
      await succeeds('ip', ['link', 'delete', port.ifname])
    await run('ip', ['link', 'delete', bridge.ifname])
  }
  for (const [table, chain] of [
    ['nat', 'POSTROUTING'],
    ['filter', 'FORWARD'],
    ['filter', 'INPUT'],
  ] as const) {
    const listed = await run('iptables', ['-w', '-t', table, '-S', chain])
    for (const rule of markedRules(listed, lab)) await run('iptables', ['-w', '-t', table, '-D', ...rule])
  }
}

/** The rules in the output of `iptables -S` that are marked as the lab's, each without its leading `-A`. */
export function markedRules(listed: string, lab: string): readonly (readonly string[])[] {
  return listed
    .split('\n')
    .map((line) => line.trim().split(' '))
    .filter((words) => words[0] === '-A' && words[words.indexOf('--comment') + 1]?.replaceAll('"', '') === mark(lab))
    .map((words) => words.slice(1).map((word) => word.replaceAll('"', '')))
}

/**
 * The third octets of all `10.10.x.0/24` that something other than this lab's own bridge uses.
 *
 * @param lab the lab whose own bridge does not count
 */
export async function subnetsInUse(lab: string): Promise<ReadonlySet<number>> {
  const own = (await links()).filter((link) => link.ifalias === mark(lab)).map((link) => link.ifname)
  const routes = JSON.parse(await run('ip', ['-j', '-4', 'route'])) as readonly { dst: string; dev?: string }[]
  return occupiedSubnets(routes.filter((route) => !own.includes(route.dev ?? '')).map((route) => route.dst))
}

/**
 * Which `10.10.x.0/24` the destinations of routes reach into. Wider ones than a /16, such as a company network's
 * 10.0.0.0/8, do not count: a lab takes one /24 out of them, as any more specific route does.
 */
export function occupiedSubnets(destinations: readonly string[]): ReadonlySet<number> {
  const occupied = new Set<number>()
  for (const destination of destinations) {
    const match = /^10\.10\.(\d+)\.\d+(?:\/(\d+))?$/.exec(destination)
    if (!match) continue
    const bits = Number(match[2] ?? 32)
    if (bits < 16) continue
    const size = bits >= 24 ? 1 : 2 ** (24 - bits)
    for (let third = Number(match[1]); third < Number(match[1]) + size; third++) occupied.add(third)
  }
  return occupied
}

/** Makes the bridge, gives it its address, and takes in hosts that run but lost their bridge. True if it was made. */
async function ensureBridge(lab: Lab): Promise<boolean> {
  const present = await links()
  const isNew = !present.some((link) => link.ifname === lab.bridge)
  // Left to itself a bridge takes the lowest address of its ports, so hosts would lose their gateway for a moment.
  const third = Number(lab.subnet.split('.')[2]).toString(16).padStart(2, '0')
  const address = `02:00:0a:0a:${third}:fe`
  if (isNew) await run('ip', ['link', 'add', lab.bridge, 'address', address, 'type', 'bridge'])
  await run('ip', ['link', 'set', lab.bridge, 'alias', mark(lab.name), 'up'])
  await run('ip', ['address', 'replace', `${lab.gateway}/24`, 'dev', lab.bridge])
  for (const port of present.filter((link) => link.ifname.startsWith(interfaceName(lab)))) {
    if (isNew || port.master !== lab.bridge) await run('ip', ['link', 'set', port.ifname, 'master', lab.bridge, 'up'])
  }
  return isNew
}

/**
 * The name systemd-nspawn gives a host: it makes `vb-` and this the name of the host's end on the bridge,
 * and 15 characters are what the kernel allows for that.
 */
export function machineName(lab: Lab, node?: LabNode): string {
  return `rc${lab.subnet.split('.')[2] ?? ''}-${node?.octet ?? ''}`
}

/** The name of a host's end on the bridge. */
export function interfaceName(lab: Lab, node?: LabNode): string {
  return `vb-${machineName(lab, node)}`
}

async function links(): Promise<readonly Link[]> {
  return JSON.parse(await run('ip', ['-j', 'link'])) as readonly Link[]
}
