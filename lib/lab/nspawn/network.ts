import { mirrorPort, type Lab, type LabNode, type Say } from '../model.ts'
import { run, succeeds } from '../machine/run.ts'

interface Link {
  readonly ifname: string
  readonly ifalias?: string
  readonly master?: string
}

/** Marks a rule or a bridge as this lab's, so that it can be found without a record. */
function mark(lab: string): string {
  return `rolecall-${lab}`
}

/** The firewall rules of a lab: table, chain, and the rest of the rule. */
function rules(lab: Lab): readonly (readonly [table: string, chain: string, rule: readonly string[]])[] {
  const comment = ['-m', 'comment', '--comment', mark(lab.name)]
  return [
    // Packets that stay on the bridge are not translated. With br_netfilter they pass these rules too, for example from a host to the pods of another one.
    [
      'nat',
      'POSTROUTING',
      ['-s', lab.subnet, '!', '-d', lab.subnet, '!', '-o', lab.bridge, ...comment, '-j', 'MASQUERADE'],
    ],
    // dockerd on the machine sets the policy of FORWARD to DROP.
    ['filter', 'FORWARD', ['-i', lab.bridge, ...comment, '-j', 'ACCEPT']],
    ['filter', 'FORWARD', ['-o', lab.bridge, ...comment, '-j', 'ACCEPT']],
    // The machine's firewall may block all input.
    ['filter', 'INPUT', ['-i', lab.bridge, '-p', 'tcp', '--dport', String(mirrorPort), ...comment, '-j', 'ACCEPT']],
  ]
}

/** Makes the lab's bridge and firewall rules, unless they exist. */
export async function ensureNetwork(lab: Lab, say: Say): Promise<void> {
  if (await ensureBridge(lab)) say({ step: 'network', detail: `bridge ${lab.bridge} with ${lab.gateway}` })
  for (const [table, chain, rule] of rules(lab)) {
    if (await succeeds('iptables', ['-w', '-t', table, '-C', chain, ...rule])) continue
    await run('iptables', ['-w', '-t', table, '-I', chain, ...rule])
    say({ step: 'network', detail: `rule ${chain} ${rule.at(-1) ?? ''}` })
  }
}

/** Removes every bridge and rule that is marked as the lab's. Needs no record. */
export async function removeNetwork(lab: string): Promise<void> {
  const present = await links()
  for (const bridge of present.filter((link) => link.ifalias === mark(lab))) {
    // A host's interface stays until the kernel has closed the host's connections. It may vanish at any moment.
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
 * The third octets of all `10.10.x.0/24` that are used by anything except this lab's bridge.
 *
 * @param lab the lab whose own bridge does not count
 */
export async function subnetsInUse(lab: string): Promise<ReadonlySet<number>> {
  const own = (await links()).filter((link) => link.ifalias === mark(lab)).map((link) => link.ifname)
  const routes = JSON.parse(await run('ip', ['-j', '-4', 'route'])) as readonly { dst: string; dev?: string }[]
  return occupiedSubnets(routes.filter((route) => !own.includes(route.dev ?? '')).map((route) => route.dst))
}

/**
 * The `10.10.x.0/24` that overlap with destinations of routes. Networks wider than /16, such as a company's 10.0.0.0/8, do not
 * count: the lab's /24 is more specific and takes precedence.
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

/** Makes the bridge, sets its address, and attaches running hosts that lost their bridge. True if it was made. */
async function ensureBridge(lab: Lab): Promise<boolean> {
  const present = await links()
  const isNew = !present.some((link) => link.ifname === lab.bridge)
  // By default a bridge takes the lowest MAC address of its ports. A change would cut hosts off from their gateway for a moment.
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
 * The machine name of a host for systemd-nspawn. With `vb-` before it, this is the name of the host's interface on the bridge,
 * for which the kernel allows 15 characters.
 */
export function machineName(lab: Lab, node?: LabNode): string {
  return `rc${lab.subnet.split('.')[2] ?? ''}-${node?.octet ?? ''}`
}

/** The name of a host's interface on the bridge. */
export function interfaceName(lab: Lab, node?: LabNode): string {
  return `vb-${machineName(lab, node)}`
}

async function links(): Promise<readonly Link[]> {
  return JSON.parse(await run('ip', ['-j', 'link'])) as readonly Link[]
}
