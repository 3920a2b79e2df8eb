import { contest, type Contender } from './contest.ts'
import { labGround, playbookOf, rolecall, type Ground } from './ground.ts'
import { siteScript, sshScripts, type SshTarget } from './plain-ssh.ts'
import { memory, sample } from './sample.ts'
import { markdown, tableOf } from './table.ts'

export interface Extent {
  readonly rounds: number
  /** Only what shows that it works. */
  readonly isSmoke: boolean
}

/** The tutorial's chapter on five hosts: nothing to do, and everything to do. */
export async function benchSite({ rounds }: Extent): Promise<string> {
  const ground = await labGround()
  const ours: Contender = { name: 'rolecall', command: rolecall(ground.project, 'apply', playbookOf('chapter')) }
  await sample(ours.command, ground.target)
  const contenders = [ours, ...scripts(ground)]
  const limits = contenders.slice(1, 3).map(({ name }) => name)
  const work = 'rerun, nothing to do, five hosts'
  const rerun = await contest({ work, contenders, target: ground.target, rounds })
  const memories: [string, string][] = []
  for (const { name, command } of contenders) memories.push([name, (await memory(command)).toFixed(0)])
  return [tableOf(work, rerun, limits), markdown([['memory of the whole process tree', 'MiB'], ...memories])].join('\n')
}

/** Fresh hosts, every package to be installed. Slow: each contender gets hosts of its own. */
export async function benchFirst({ rounds }: Extent): Promise<string> {
  const ground = await labGround()
  const prepare = () => ground.reset()
  const ours: Contender = {
    name: 'rolecall',
    command: rolecall(ground.project, 'apply', playbookOf('chapter')),
    prepare,
  }
  const [script] = scripts(ground)
  const contenders = [ours, ...(script ? [{ ...script, prepare }] : [])]
  const work = 'first apply, five fresh hosts'
  const result = await contest({ work, contenders, target: ground.target, rounds })
  return tableOf(work, result, ['ssh script'])
}

function scripts({ lab }: Ground): Contender[] {
  return sshScripts(targetsOf({ lab }), siteScript(lab.nodes[0]?.address ?? '', lab.nodes))
}

export function targetsOf({ lab }: Pick<Ground, 'lab'>): SshTarget[] {
  const { nodes, user, privateKey, knownHosts } = lab
  return nodes.map(({ address }) => ({ address, user, privateKey, knownHosts }))
}
