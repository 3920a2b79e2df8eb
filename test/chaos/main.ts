// `npm run test:chaos`: the long one. ROLECALL_SEED repeats a run, ROLECALL_CHAOS_MINUTES makes it shorter,
// ROLECALL_CHAOS_AT='install|unpack' strikes only steps whose words fit.
import { join } from 'node:path'
import { RolecallError } from '../../lib/errors.ts'
import { reset } from '../../lib/lab/lab.ts'
import site from '../../playbooks/site.ts'
import { askedBy } from '../parity/asked.ts'
import { seedOfRun } from '../support/random.ts'
import { chaos } from './chaos.ts'
import { LimitedDisks } from './limited-disk.ts'
import { machinesOf } from './machine.ts'
import { layOutProject } from './project.ts'

/** Time is up before, unless they are given. */
const DRIFTED_ROUNDS = Number(process.env['ROLECALL_CHAOS_DRIFTED'] ?? 60)
const FRESH_ROUNDS = Number(process.env['ROLECALL_CHAOS_FRESH'] ?? 60)

/** The last round begins by then, so that all of it takes 40 minutes at most. */
const MINUTES = 36

const repository = process.cwd()
const request = { project: repository, name: process.env['ROLECALL_TEST_LAB'] ?? 'chaos' }
const seed = seedOfRun()
const at = process.env['ROLECALL_CHAOS_AT']
const minutes = Number(process.env['ROLECALL_CHAOS_MINUTES'] ?? MINUTES)
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
  const project = layOutProject(repository, lab)
  const tally = await chaos({
    seed,
    machines,
    disks,
    say,
    project,
    args: ['apply', 'site'],
    asked: () => askedBy(site, join(project, 'inventory')),
    rounds: { drifted: DRIFTED_ROUNDS, fresh: FRESH_ROUNDS },
    ...(at !== undefined && { aim: new RegExp(at) }),
    isOver: () => Date.now() > until,
  })
  const took = Math.round((Date.now() - begun) / 60_000)
  const day = new Date(begun).toISOString().slice(0, 10)
  process.stdout.write(`\n${tally.toString()}\n\n${day}, ${took} minutes: ROLECALL_SEED=${seed} npm run test:chaos\n`)
  const missing = at === undefined ? tally.untried : []
  if (missing.length > 0)
    process.stdout.write(`never tried (ROLECALL_CHAOS_MINUTES gives more time): ${missing.join('; ')}\n`)
  process.exitCode = tally.isFine && missing.length === 0 ? 0 : 1
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
