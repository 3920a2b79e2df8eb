import { inventoryFor } from '../../lib/lab/lab.ts'
import { ansibleIsIdle, ansibleSite, hasAnsible, pythonOnHosts } from './ansible.ts'
import { contest, type Contender } from './contest.ts'
import { labGround, rolecall, type Ground } from './ground.ts'
import { scriptIsIdle, siteScript, sshScripts, type SshTarget } from './plain-ssh.ts'
import { sample, type Command, type Ran } from './sample.ts'
import { memoryColumn, ratioOf, tableOf } from './table.ts'

export interface Extent {
  readonly rounds: number
  /** Of the slow ones; 0 leaves them out. */
  readonly ansibleRounds: number
  /** Only what shows that it works. */
  readonly isSmoke: boolean
}

/** What a bench prints, each table as soon as it is known: what comes after it may take minutes, or fail. */
export type Tables = AsyncGenerator<string>

/** The whole site on five hosts, with nothing to do. */
export async function* benchSite(extent: Extent): Tables {
  const ground = await labGround()
  const ours = siteOf(ground)
  // The first one makes it so; what the others write is the same to the byte.
  await sample(ours.command, ground.target)
  const targets = targetsOf(ground)
  const scripts = sshScripts(targets, siteScript(ground)).map((script) => ({ ...script, judge: scriptIsIdle }))
  // That Ansible's playbooks work is seen on one host; on five it takes minutes.
  const limit = extent.isSmoke ? ['--limit', 'node-02'] : []
  const contenders = [
    ours,
    ...scripts,
    ...connectingAlone(targets),
    ...(await ansibleRerun(ground, extent, undefined, ...limit)),
  ]
  const work = 'rerun, nothing to do, five hosts'
  const result = await contest({ work, contenders, target: ground.target, rounds: extent.rounds })
  yield tableOf(work, result, [memoryColumn, ratioOf('rolecall')])
}

/** Ansible's reruns of the site, on hosts where it has nothing to do either; none where there is no Ansible, which is said. */
export async function ansibleRerun(
  ground: Ground,
  { ansibleRounds, isSmoke }: Extent,
  inventory = inventoryFor(ground.lab),
  ...args: readonly string[]
): Promise<Contender[]> {
  if (ansibleRounds === 0 || !hasAnsible({ isSmoke })) return []
  const site = ansibleSite(ground, inventory, await serialsOf(ground))
  await pythonOnHosts(site, ...(isSmoke ? args : []))
  const reruns = site.contenders(isSmoke ? 1 : ansibleRounds, 'site.yml', '--skip-tags', 'verify', ...args)
  return reruns.map((each) => ({ ...each, judge: ansibleIsIdle }))
}

/** What connecting costs, with nothing to ask. */
export function connectingAlone(targets: readonly SshTarget[]): Contender[] {
  return sshScripts(targets, 'true').map(({ name, command }) => ({ name: name.replace('script', 'true'), command }))
}

/** Rolecall's own run of the site, which has to find nothing to do. */
export function siteOf({ project }: Ground, ...args: readonly string[]): Contender {
  return { name: 'rolecall', command: rolecall(project, 'apply', 'site', ...args), judge: rolecallIsIdle }
}

/** Throws when Rolecall has changed something where nothing was to be done. */
export function rolecallIsIdle({ said }: Ran): void {
  if (!/: 0 changed on \d+ hosts?\s*$/.test(said)) throw new Error(`Rolecall had something to do:\n${said}`)
}

/** The serials of the zones as they are: those of Rolecall move forward, those of Ansible are a variable. */
async function serialsOf(ground: Ground): Promise<Record<string, string>> {
  const [dns] = targetsOf(ground)
  if (dns === undefined) throw new Error('the lab has no hosts')
  const script = `sed -n 's|^ *\\([0-9]*\\) ; serial$|\\1|p' /etc/bind/host.com.zone /etc/bind/thtf.com.zone`
  const { said } = await sample(bySsh(dns, script), () => 0)
  const [host = '', thtf = ''] = said.trim().split('\n')
  return { 'host.com': host, 'thtf.com': thtf }
}

/** A script on one host, by the plain `ssh` program. */
export function bySsh(target: SshTarget, script: string): Command {
  const [one] = sshScripts([target], script)
  if (one === undefined) throw new Error('there is no key exchange')
  return one.command
}

export function targetsOf({ lab }: Pick<Ground, 'lab'>): SshTarget[] {
  const { nodes, user, privateKey, knownHosts } = lab
  return nodes.map(({ address }) => ({ address, user, privateKey, knownHosts }))
}
