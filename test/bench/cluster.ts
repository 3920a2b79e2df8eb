import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { inventoryFor, sshArguments, type Lab } from '../../lib/lab/lab.ts'
import { contest, median, type Contender } from './contest.ts'
import { addFile, labGround, rolecall, type Ground } from './ground.ts'
import { clusterScript } from './plain-ssh.ts'
import { sample } from './sample.ts'
import { rolecallIsIdle, targetsOf, type Extent, type Tables } from './site.ts'
import { ratioOf, seconds, tableOf, type Column } from './table.ts'

const MOST_ROUNDS = 3
const WEB = 'pods -n tutorial -l app=web'
const ARTIFACTS = ['images', 'containerRuntime', 'kubernetes']

/**
 * The cluster of chapters 3 to 5 on five factory-fresh hosts, beside a script by hand that sets up less: one control plane, no addons, one Deployment. So it
 * is set up without a second control plane and addons as well. Then the second apply of all. Compiling Kubernetes, where it is not kept here yet, is off
 * the clock.
 */
export async function* benchCluster({ rounds, isSmoke }: Extent): Tables {
  // Minutes: the cluster's own tests show that the playbook works.
  if (isSmoke) return
  const ground = await labGround(undefined, ARTIFACTS)
  const { lab, project, target } = ground
  const apply = rolecall(project, 'apply', 'kubernetes', '--wait')
  const less = { ...apply, argv: [...apply.argv, '-i', oneControlPlane(project, lab), '--skip-tags', 'kube-addons'] }
  const ready = new ReadyTimes(ground)
  const contenders = [
    ready.timed(clusterScript(targetsOf(ground), ground), 'pods -l app=web'),
    ready.timed({ name: 'rolecall, one control plane and no addons', command: less }, WEB),
    ready.timed({ name: 'rolecall', command: apply }, WEB),
  ]
  const work = 'cluster, five fresh hosts'
  const first = await contest({ work, contenders, target, rounds: Math.min(rounds, MOST_ROUNDS), warmUp: false })
  yield tableOf(work, first, [ready.column('nodes'), ready.column('pods'), ratioOf('rolecall')])

  // The last contender of a round may have been another one.
  await ground.reset([])
  await sample(apply, target)
  const again = [{ name: 'rolecall', command: apply, judge: rolecallIsIdle }]
  const second = await contest({ work: 'cluster, second apply', contenders: again, target, rounds: rounds * 2 })
  yield tableOf('cluster, second apply', second, [])
}

/** Milliseconds from the beginning of a run to the last of what became ready. */
interface Ready {
  readonly nodes: number
  readonly pods: number
}

const HEADS = { nodes: 'three nodes ready', pods: 'three Pods ready' } as const

/** When nodes and Pods became ready, as the API server says after each run. */
class ReadyTimes {
  readonly #ground: Ground
  readonly #times = new Map<string, Ready[]>()

  constructor(ground: Ground) {
    this.#ground = ground
  }

  /** A contender that begins on fresh hosts, and whose Pods are these: words of `kubectl get`. */
  timed(contender: Contender, pods: string): Contender {
    return {
      ...contender,
      prepare: () => this.#ground.reset([]),
      judge: async ({ wallMs }) => {
        const began = Date.now() - wallMs
        const times = { nodes: (await this.#readyAt('nodes')) - began, pods: (await this.#readyAt(pods)) - began }
        this.#times.set(contender.name, [...(this.#times.get(contender.name) ?? []), times])
      },
    }
  }

  column(part: keyof Ready): Column {
    const times = (name: string) => (this.#times.get(name) ?? []).map((each) => each[part])
    return { head: HEADS[part], cell: (_, __, name) => seconds(median(times(name))) }
  }

  async #readyAt(what: string): Promise<number> {
    const path = '{.items[*].status.conditions[?(@.type=="Ready")].lastTransitionTime}'
    const ask = `sudo kubectl get ${what} -o jsonpath='${path}'`
    const argv = ['ssh', ...sshArguments(this.#ground.lab, 'node-02'), ask]
    const { said } = await sample({ argv }, this.#ground.target)
    const times = said.trim().split(/\s+/)
    return Math.max(...times.map((time) => Date.parse(time)))
  }
}

/** The site's inventory with node-02 alone in the group control_plane. */
function oneControlPlane(project: string, lab: Lab): string {
  const directory = join(project, 'one-control-plane')
  cpSync(join(project, 'inventory'), directory, { recursive: true })
  addFile(directory, 'hosts.yml', inventoryFor(lab).replace(/(control_plane:\s+hosts:\s+)node-01:\s+/, '$1'))
  return directory
}
