import { controller, changedBy, complaintsOf, type Ended } from './controller.ts'
import type { Ground } from './grounds.ts'
import type { Machine } from './machine.ts'
import { difference, leftoversOn, picture } from './picture.ts'
import { timesOf, wrongRestart, type Restarted } from './restarts.ts'
import type { Strike } from './strikes.ts'
import { watch } from './watcher.ts'

/** What a host must be like in the end, and what to look at. */
export interface Site {
  readonly project: string
  /** `apply site`, and what narrows it. */
  readonly args: readonly string[]
  readonly machines: readonly Machine[]
  readonly services: readonly Restarted[]
  readonly files: ReadonlyMap<string, ReadonlySet<string>>
  /** Pictures of the hosts that nobody disturbed. */
  readonly undisturbed: ReadonlyMap<string, readonly string[]>
}

export type Wrong = 'first run' | 'not converged' | 'restart' | 'leftover' | 'half-written'

/** Something that is not as promised. Without a host it is about the whole run. */
export interface Finding {
  readonly wrong: Wrong
  readonly host?: string
  readonly says: string
}

export interface Outcome {
  /** The strikes that fell; the others the run has not come to. */
  readonly struck: readonly Strike[]
  /** Those after which the run did not go on to its end on that host. */
  readonly stopped: readonly Strike[]
  readonly findings: readonly Finding[]
}

/** One round: the ground, a run that is struck, the same once more or `resume`, a look at everything, and a third run. */
export async function round(
  ground: Ground,
  site: Site,
  strikes: readonly Strike[],
  resumes: boolean,
): Promise<Outcome> {
  await ground.prepare()
  const watchers = await Promise.all(site.machines.map((machine) => watch(machine, filesOf(site, machine))))
  const { struck, first } = await struckRun(site, strikes)
  if (struck.some(({ fault }) => fault.boots)) {
    // Those on a host that went down ended with it.
    watchers.forEach((watcher) => watcher.stop())
    watchers.push(...(await Promise.all(site.machines.map((machine) => watch(machine, filesOf(site, machine))))))
  }
  const before = await allTimes(site)
  // A run that came to a good end has left nothing to go on with.
  const again = resumes && first.code !== 0 ? ['resume'] : site.args
  // The last command of a lost run goes on, and that of an installer is longer than a run waits by itself.
  const second = await controller(site.project, [...again, '--wait']).ended
  const after = await allTimes(site)
  const looks = await Promise.all(site.machines.map((machine) => lookAt(site, machine)))
  const third = await controller(site.project, site.args).ended
  watchers.forEach((watcher) => watcher.stop())
  const restarts = site.services.flatMap((service, index): Finding[] => {
    const [was, is] = [before[index], after[index]]
    const says = was && is && second.code === 0 ? wrongRestart(service, was, is, second.events) : undefined
    return says === undefined ? [] : [{ wrong: 'restart', host: service.host, says }]
  })
  return {
    struck,
    stopped: struck.filter(({ fault, step }) => fault.stops === 'run' || !isDone(first, step.host)),
    findings: [
      ...endOfFirst(first, struck),
      ...(second.code === 0 ? [] : [{ wrong: 'not converged', says: `the second run: ${told(second)}` } as const]),
      ...restarts,
      ...looks.flat(),
      ...(third.code === 0 && changedBy(third).length === 0
        ? []
        : [{ wrong: 'not converged', says: `the third run: ${changedBy(third).join(', ')} ${told(third)}` } as const]),
      ...watchers.flatMap(({ torn }) => torn.map((says) => ({ wrong: 'half-written', says }) as const)),
    ],
  }
}

/** Runs the site, strikes when a step begins that is to be struck, and heals. */
async function struckRun(site: Site, strikes: readonly Strike[]): Promise<{ struck: Strike[]; first: Ended }> {
  const seen = new Map<string, number>()
  const struck: Strike[] = []
  const healed: Promise<void>[] = []
  const timers: NodeJS.Timeout[] = []
  const afterwards: (() => Promise<void>)[] = []
  const run = controller(site.project, site.args, (event) => {
    if (event.type !== 'step') return
    const key = `${event.host} ${event.resource}`
    const nth = seen.get(key) ?? 0
    seen.set(key, nth + 1)
    for (const strike of strikes) {
      const { step, fault, afterMs } = strike
      if (step.nth !== nth || `${step.host} ${step.resource}` !== key) continue
      const machine = site.machines.find(({ name }) => name === step.host)
      if (machine === undefined) continue
      const victim = { machine, killController: run.kill }
      const fall = async () => {
        struck.push(strike)
        await fault.strike(victim)
        if (fault.healedAfter === 'run') afterwards.push(async () => fault.heal?.(victim))
        else await fault.heal?.(victim)
      }
      const begin = () => {
        const fallen = fall()
        // What goes wrong in it is thrown when the run has ended.
        fallen.catch(() => undefined)
        healed.push(fallen)
      }
      timers.push(setTimeout(begin, afterMs))
    }
  })
  const first = await run.ended
  timers.forEach((timer) => clearTimeout(timer))
  await Promise.all(healed)
  await Promise.all(afterwards.map((heal) => heal()))
  return { struck, first }
}

function isDone({ events }: Ended, host: string): boolean {
  const ends = events.filter((event) => event.type === 'unit-end').filter((event) => event.host === host)
  return ends.every(({ end }) => end === 'done')
}

/** Whoever was not killed must end in order and say why. */
function endOfFirst(first: Ended, struck: readonly Strike[]): Finding[] {
  if (struck.some(({ fault }) => fault.stops === 'run')) return []
  const orderly = [0, 2, 4].includes(first.code ?? -1) && first.events.at(-1)?.type === 'summary'
  const silent = first.code !== 0 && first.problems.length === 0
  return orderly && !silent ? [] : [{ wrong: 'first run', says: told(first) }]
}

async function lookAt(site: Site, machine: Machine): Promise<Finding[]> {
  const { name: host } = machine
  const [found, left] = [await picture(machine), await leftoversOn(machine)]
  return [
    ...difference(site.undisturbed.get(host) ?? [], found).map(
      (says) => ({ wrong: 'not converged', host, says }) as const,
    ),
    ...left.map((says) => ({ wrong: 'leftover', host, says }) as const),
  ]
}

function allTimes({ machines, services }: Site) {
  return Promise.all(
    services.map(async (service) => {
      const machine = machines.find(({ name }) => name === service.host)
      return machine && timesOf(machine, service)
    }),
  )
}

function filesOf(site: Site, { name }: Machine): ReadonlySet<string> {
  return site.files.get(name) ?? new Set()
}

function told(ended: Ended): string {
  return `ends with ${ended.code ?? 'a signal'}: ${complaintsOf(ended)}`
}
