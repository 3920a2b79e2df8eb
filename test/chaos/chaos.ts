import type { EnsuredResource } from '../parity/ensured-resources.ts'
import { Random } from '../support/random.ts'
import { complaintsOf, controller, type Ended } from './controller.ts'
import { faults } from './faults.ts'
import { drifted, fresh, type Ground } from './grounds.ts'
import type { LimitedDisks } from './limited-disk.ts'
import type { Machine } from './machine.ts'
import { picture } from './picture.ts'
import { managedFiles, restartedServices } from './restarts.ts'
import { round, type Site } from './round.ts'
import { isAtBegin, nextRound, stepsOf, strikesAt, wordsOf, type Step, type Strike } from './strikes.ts'
import { Tally } from './tally.ts'

export interface Plan {
  readonly seed: number
  readonly project: string
  /** Hosts with factory-fresh disks, and those disks with a limit. */
  readonly machines: readonly Machine[]
  readonly disks: LimitedDisks
  /** What the command is given: `apply site`, and what narrows it. */
  readonly args: readonly string[]
  /** What the site asks for on hosts that are finished. */
  readonly asked: () => Promise<readonly EnsuredResource[]>
  /** The most rounds on factory-fresh hosts, each a minute or more, and on hosts that drifted. */
  readonly rounds: { readonly fresh: number; readonly drifted: number }
  /** Only steps whose words it fits are struck: to try again what went wrong. */
  readonly aim?: RegExp
  /** Asked before each round: no further one begins when it says so. */
  readonly isOver: () => boolean
  readonly say: (line: string) => void
}

/** The run may be stopped on one host before the step of another comes. */
const MOST_MISSES = 3

/** Sets the site up once undisturbed and learns its steps; then strikes at them in seeded order, one round after the other. */
export async function chaos(plan: Plan): Promise<Tally> {
  const { disks, machines, rounds } = plan
  const tally = new Tally()
  const random = new Random(plan.seed)

  // As on an image that was made a while ago: the lists of packages come first, and they are a step to interrupt.
  await Promise.all(machines.map((machine) => machine.run('rm -rf /var/lib/apt/lists/*')))
  await disks.keep('fresh')
  const clean = await undisturbedRun(plan)
  const undisturbed = await picturesOf(machines)
  const asked = await plan.asked()
  await disks.keep('done')

  const onDrifted = drifted(machines, clean.events)
  await onDrifted.prepare()
  const again = await undisturbedRun(plan)
  const site = siteOf(plan, clean, asked, undisturbed)
  const over = stepsOf(again.events)
  // What drift does not bring back takes a fresh host: packages.
  const onlyOnFresh = stepsOf(clean.events).filter((step) => over.every((other) => !isSameStep(step, other)))

  const grounds = [groundOf('drifted', onDrifted, over), groundOf('fresh', fresh(machines, disks), onlyOnFresh)].filter(
    ({ left }) => left > 0,
  )
  // Each boundary on each ground before any place has its second turn, because time may be up before all is tried.
  for (const turn of ['boundaries', 'insides', 'others'] as const)
    for (const ground of grounds) await strike(ground, ground.strikes[turn])
  for (const { name, begun, steps } of grounds) tally.reached(name, steps, begun)
  return tally

  function groundOf(which: keyof Plan['rounds'], { name, prepare }: Ground, all: readonly Step[]) {
    const steps = all.filter(({ say }) => plan.aim?.test(say) ?? true)
    return {
      name,
      prepare,
      steps,
      strikes: strikesAt(steps, faults, random),
      begun: new Set<Step>(),
      left: rounds[which],
    }
  }

  async function strike(ground: ReturnType<typeof groundOf>, queue: Strike[]): Promise<void> {
    if (queue.length > 0 && ground.left > 0 && !plan.isOver())
      plan.say(`${queue.length} interruptions of ${ground.steps.length} steps on ${ground.name}`)
    for (; queue.length > 0 && ground.left > 0 && !plan.isOver(); ground.left--) {
      const strikes = nextRound(queue)
      const outcome = await round(ground, site, strikes, random.next() < 0.5)
      const { findings, struck, stopped } = outcome
      const missed = strikes.filter((each) => !struck.includes(each))
      const again = missed.map((each) => ({ ...each, missed: each.missed + 1 }))
      queue.push(...again.filter((each) => each.missed <= MOST_MISSES))
      tally.add(`on ${ground.name}`, outcome)
      for (const each of struck) {
        if (isAtBegin(each)) ground.begun.add(each.step)
        const verdict = findings.length === 0 ? 'ok   ' : 'WRONG'
        plan.say(`${verdict} ${wordsOf(each)}${stopped.includes(each) ? '' : ', which went on'}`)
      }
      for (const { wrong, host = '', says } of findings.slice(0, 12)) plan.say(`      ${wrong} ${host}: ${says}`)
      // What went wrong must not be found again in the rounds to come.
      if (findings.length > 0) await disks.putBack('done')
    }
  }
}

function siteOf(
  { args, machines, project }: Plan,
  clean: Ended,
  asked: readonly EnsuredResource[],
  undisturbed: Site['undisturbed'],
): Site {
  return {
    project,
    args,
    machines,
    undisturbed,
    files: managedFiles(clean.events),
    services: restartedServices(asked),
  }
}

async function picturesOf(machines: readonly Machine[]): Promise<Site['undisturbed']> {
  return new Map(await Promise.all(machines.map(async (machine) => [machine.name, await picture(machine)] as const)))
}

async function undisturbedRun({ project, args }: Plan): Promise<Ended> {
  const run = await controller(project, args).ended
  if (run.code !== 0) throw new Error(`a run that nobody disturbs fails: ${complaintsOf(run)}`)
  return run
}

function isSameStep(one: Step, other: Step): boolean {
  return one.host === other.host && one.resource === other.resource
}
