// `npm run test:chaos [-- kubernetes]`: the long one. ROLECALL_SEED repeats a run, ROLECALL_CHAOS_MINUTES makes it shorter,
// ROLECALL_CHAOS_AT='install|unpack' strikes only steps whose words fit.
import { join } from 'node:path'
import { RolecallError } from '../../lib/errors.ts'
import { reset } from '../../lib/lab/lab.ts'
import type { Playbook } from '../../lib/index.ts'
import kubernetes from '../../playbooks/kubernetes.ts'
import site from '../../playbooks/site.ts'
import { ensuredResources } from '../parity/ensured-resources.ts'
import { seedOfRun } from '../support/random.ts'
import { chaos } from './chaos.ts'
import { LimitedDisks } from './limited-disk.ts'
import { machinesOf } from './machine.ts'
import { layOutProject } from './project.ts'

/** What is interrupted, and for how long. */
interface Bounds {
  readonly playbook: Playbook
  /** The most rounds on hosts that drifted, and on factory-fresh ones. */
  readonly drifted: number
  readonly fresh: number
  /** The last round begins by then. */
  readonly minutes: number
  /** Whether each step must be struck at its beginning, and each interruption be tried. */
  readonly isWhole: boolean
  /** Seconds until a host that fell silent is asked. */
  readonly silence: number
}

const BOUNDS: Readonly<Record<string, Bounds>> = {
  // Time is up before the rounds are, and all of it takes 40 minutes at most.
  site: { playbook: site, drifted: 60, fresh: 60, minutes: 36, isWhole: true, silence: 2 },
  // A cluster has more steps than there is time for, and a round of it takes a minute or more. Its hosts are silent for long where they all start at once.
  kubernetes: { playbook: kubernetes, drifted: 12, fresh: 2, minutes: 20, isWhole: false, silence: 10 },
}

const name = process.argv[2] ?? 'site'
const bounds = BOUNDS[name]
if (bounds === undefined) throw new Error(`expected one of ${Object.keys(BOUNDS).join(', ')}, got ${name}`)
const { playbook } = bounds

const repository = process.cwd()
const request = { project: repository, name: process.env['ROLECALL_TEST_LAB'] ?? 'chaos' }
const seed = seedOfRun()
const at = process.env['ROLECALL_CHAOS_AT']
const minutes = Number(process.env['ROLECALL_CHAOS_MINUTES'] ?? bounds.minutes)
const say = (line: string) => void process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`)

const begun = Date.now()
let until = begun + minutes * 60_000
// The round at hand is finished, so that the hosts get their disks back.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (until = 0))

const lab = await reset(request)
const machines = await machinesOf(request)
const disks = new LimitedDisks(`/var/tmp/rolecall-chaos-${lab.name}`, machines)
await disks.limit()
try {
  const project = layOutProject(repository, lab, bounds.silence)
  const tally = await chaos({
    seed,
    machines,
    disks,
    say,
    project,
    args: ['apply', name],
    asked: () => ensuredResources(playbook, join(project, 'inventory')),
    rounds: {
      drifted: Number(process.env['ROLECALL_CHAOS_DRIFTED'] ?? bounds.drifted),
      fresh: Number(process.env['ROLECALL_CHAOS_FRESH'] ?? bounds.fresh),
    },
    ...(at !== undefined && { aim: new RegExp(at) }),
    isOver: () => Date.now() > until,
  })
  const took = Math.round((Date.now() - begun) / 60_000)
  const day = new Date(begun).toISOString().slice(0, 10)
  process.stdout.write(
    `\n${tally.toString()}\n\n${day}, ${took} minutes: ROLECALL_SEED=${seed} npm run test:chaos${name === 'site' ? '' : ` -- ${name}`}\n`,
  )
  const missing = at === undefined ? tally.untried : []
  if (missing.length > 0)
    process.stdout.write(`never tried (ROLECALL_CHAOS_MINUTES gives more time): ${missing.join('; ')}\n`)
  process.exitCode = tally.isFine && (missing.length === 0 || !bounds.isWhole) ? 0 : 1
} catch (error) {
  say(
    error instanceof RolecallError
      ? JSON.stringify(error.problems, null, 2)
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error),
  )
  process.exitCode = 1
} finally {
  await disks.unlimit()
}
// Whoever still watches a host keeps the process alive otherwise.
process.exit()
