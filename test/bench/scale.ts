import { join } from 'node:path'
import { ansibleIsIdle, ansibleProject, hasAnsible, pythonOnHosts } from './ansible.ts'
import { contest, type Contender, type Result } from './contest.ts'
import { PORT, startCrowd, type Many } from './crowd.ts'
import { labGround, playbookOf, rolecall, withoutSite } from './ground.ts'
import { EXCHANGES, quoted, sshOptions } from './plain-ssh.ts'
import { sample } from './sample.ts'
import { rolecallIsIdle, type Extent, type Tables } from './site.ts'
import { markdown, memoryColumn, ratioOf, seconds, tableOf } from './table.ts'

/** So many are asked at the same time, by each of them. */
const AT_ONCE = 50

/** How many hosts, and how often each is measured. Ansible needs minutes for fifty, so it is left out of the others. */
interface Size {
  readonly hosts: number
  readonly rounds: number
  readonly withAnsible: boolean
}

const SIZES: readonly Size[] = [
  { hosts: 50, rounds: 6, withAnsible: true },
  { hosts: 200, rounds: 4, withAnsible: false },
  // Once: each of them needs minutes for it.
  { hosts: 1000, rounds: 1, withAnsible: false },
]

/** The second one shows the growth. */
const SMOKE: readonly Size[] = [
  { hosts: 2, rounds: 1, withAnsible: false },
  { hosts: 4, rounds: 1, withAnsible: false },
]

/**
 * Many hosts: addresses of the loopback device, all of them on one sshd, which sees the disk of one host of the lab. Rolecall's lock of
 * that host is one for all of them; the run that has it takes them for one machine under many names,
 * and goes on. `--wait` is for those that look while it is being taken.
 */
export async function* benchScale({ isSmoke, ansibleRounds }: Extent): Tables {
  const ground = await labGround()
  await withoutSite(ground, isSmoke)
  const { lab } = ground
  const crowd = await startCrowd(lab)
  try {
    const results = new Map<number, Result>()
    for (const { hosts, rounds, withAnsible } of isSmoke ? SMOKE : SIZES) {
      const many = crowd.hosts(hosts)
      // They share one disk: one of them makes it so for all.
      await sample(rolecall(many.project, 'apply', playbookOf('twenty'), '-l', 'host-0'), crowd.clock)
      const contenders: Contender[] = [
        {
          name: 'rolecall',
          command: rolecall(
            many.project,
            'apply',
            playbookOf('twenty'),
            '--concurrency',
            String(AT_ONCE),
            '--wait',
            '20',
          ),
          judge: rolecallIsIdle,
        },
        ...Object.entries(EXCHANGES).map(([name, options]) => ({ name, command: byXargs(many, options) })),
        ...(withAnsible && ansibleRounds > 0 && hasAnsible({ isSmoke }) ? await ansible(many.inventory) : []),
      ]
      const work = `${hosts} hosts, 20 resources, nothing to do`
      const result = await contest({ work, contenders, target: crowd.clock, rounds })
      results.set(hosts, result)
      yield tableOf(work, result, [memoryColumn, ratioOf('rolecall')])
    }
    yield growth(results)
  } finally {
    await crowd.stop()
  }
}

/** Whether a host costs the same however many there are. */
function growth(results: ReadonlyMap<number, Result>): string {
  const head = [
    'rolecall, hosts',
    'seconds',
    'CPU here for each, ms',
    'CPU of targets for each, ms',
    'memory here, MiB',
  ]
  const rows = [...results].flatMap(([hosts, result]) => {
    const ours = result.get('rolecall')
    if (ours === undefined) return []
    const each = (ms: number) => (ms / hosts).toFixed(1)
    const { wallMs, controllerMs, targetMs, memoryMiB } = ours
    return [[String(hosts), seconds(wallMs), each(controllerMs), each(targetMs), memoryMiB.toFixed(0)]]
  })
  return markdown([head, ...rows])
}

/** One round of each: with fifty hosts it takes minutes. */
async function ansible(inventory: string): Promise<Contender[]> {
  const many = ansibleProject(inventory)
  await pythonOnHosts(many, '-l', 'host-0')
  return many.contenders(1, 'twenty.yml', '--forks', String(AT_ONCE)).map((each) => ({ ...each, judge: ansibleIsIdle }))
}

function byXargs({ project, privateKey }: Many, options: readonly string[]) {
  const known = { address: '', port: PORT, user: 'root', privateKey, knownHosts: join(project, 'known_hosts') }
  const ssh = ['ssh', ...sshOptions(known), ...options].map(quoted).join(' ')
  const one = `exec ${ssh} "root@$1" /bin/sh -s <twenty.sh`
  return { argv: ['/bin/sh', '-c', `xargs -P ${AT_ONCE} -n 1 /bin/sh -c ${quoted(one)} sh <addresses`], cwd: project }
}
