import { availableParallelism } from 'node:os'
import { ansibleSite, hasAnsible, pythonOnHosts } from './ansible.ts'
import { contest, type Contender } from './contest.ts'
import { labGround, rolecall, type Ground } from './ground.ts'
import { siteScript, sshScripts } from './plain-ssh.ts'
import { sample } from './sample.ts'
import { targetsOf, type Extent, type Tables } from './site.ts'
import { memoryColumn, ratioOf, tableOf } from './table.ts'

/** So many rounds are enough for what takes minutes, and all of them count. */
const MOST = { rounds: 3, ansibleRounds: 2 }

/** Hosts of a lab share the processors of this machine: so many at a time leave those that others wait for a processor each. */
const SHARED = availableParallelism()

/** The whole site on factory-fresh hosts. Each one's work is verified afterwards by Rolecall's own `verify`, off the clock. */
export async function* benchFirst(extent: Extent): Tables {
  const ground = await labGround()
  const { project, target } = ground
  const ours = ['site', '--json'] as const
  // One fresh host among finished ones shows as well that all of this works.
  const only = extent.isSmoke ? ['node-02'] : []
  if (extent.isSmoke) await sample(rolecall(project, 'apply', ...ours), target)
  const limit = only.flatMap((name) => ['-l', name])

  const judge = () => sample(rolecall(project, 'verify', ...ours, ...limit), target)
  const prepare = () => ground.reset(only)
  const chosen = targetsOf(ground).filter((_, at) => only.length === 0 || only.includes(ground.hosts[at]?.name ?? ''))
  const shared = rolecall(project, 'apply', 'site', '--concurrency', String(SHARED))
  const contenders: readonly Contender[] = [
    { name: 'rolecall', command: rolecall(project, 'apply', 'site', ...limit), prepare, judge },
    ...(extent.isSmoke ? [] : [{ name: `rolecall, ${SHARED} hosts at a time`, command: shared, prepare, judge }]),
    ...sshScripts(chosen, siteScript(ground)).map((script) => ({ ...script, prepare, judge })),
    ...ansible(ground, extent, limit).map((playbook) => ({ ...playbook, judge })),
  ]
  const work = `first apply, ${only.length === 0 ? 'five fresh hosts' : 'one fresh host'}`
  const rounds = Math.min(extent.rounds, MOST.rounds)
  const result = await contest({ work, contenders, target, rounds, warmUp: false })
  yield tableOf(work, result, [memoryColumn, ratioOf('rolecall')])
}

/** What Ansible needs on the hosts (Python and its binding to apt) is put there off the clock. */
function ansible(ground: Ground, { ansibleRounds, isSmoke }: Extent, limit: readonly string[]): Contender[] {
  if (isSmoke || ansibleRounds === 0 || !hasAnsible({ isSmoke })) return []
  const site = ansibleSite(ground)
  const prepare = async () => {
    await ground.reset([])
    await pythonOnHosts(site)
  }
  const rounds = Math.min(ansibleRounds, MOST.ansibleRounds)
  return site
    .contenders(rounds, 'site.yml', '--skip-tags', 'verify', ...limit)
    .map((contender) => ({ ...contender, prepare }))
}
