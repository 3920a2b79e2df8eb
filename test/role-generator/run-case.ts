import { noValues } from '../../lib/inventory/variables/values.ts'
import { EarlierChanges } from '../../lib/converge/earlier-changes.ts'
import { StartedResources } from '../../lib/converge/started-resources.ts'
import { RolecallError, type Problem } from '../../lib/errors.ts'
import type { Mode, ResourceEvent, Status } from '../../lib/events.ts'
import type { Host } from '../../lib/host/host.ts'
import type { Inventory } from '../../lib/inventory/inventory.ts'
import { playbook } from '../../lib/playbook/playbook.ts'
import { Prediction } from '../../lib/resources/prediction/prediction.ts'
import { runUnit } from '../../lib/runner/units/run-unit.ts'
import { OncePerPlay } from '../../lib/runner/units/role/once-per-play.ts'
import type { Unit } from '../../lib/runner/units/units.ts'
import { buildRole } from './build.ts'
import { nameOfRole } from './print.ts'
import { served } from './sample-server.ts'
import type { Case } from './spec.ts'

/** What a run said of one resource. One that is told twice has `#2` behind its name. */
export interface Said {
  readonly name: string
  readonly status: Status
  readonly reason: string
}

export interface Ran {
  readonly said: readonly Said[]
  readonly problems: readonly Problem[]
  /** An error that is no RolecallError: a fault whatever it was about. */
  readonly threw?: unknown
}

const inventory: Inventory = {
  path: 'generated',
  hosts: [],
  naming: [],
  groups: new Map(),
  implicitHosts: new Map(),
  layers: [],
  notes: [],
  accept: () => undefined,
  digest: () => '',
}
const target: Unit['host'] = {
  name: 'trial',
  place: { file: 'generated' },
  connection: { kind: 'local' },
  groups: ['all'],
  layers: [],
  values: noValues,
}

/** Runs the roles of a case one after the other, as the runner does with the units of one host: until one fails. */
export async function runCase(spec: Case, host: Host, mode: Extract<Mode, 'check' | 'apply'>): Promise<Ran> {
  const server = await served()
  const roles = spec.roles.map((role, index) => buildRole(role, nameOfRole(index), server))
  const play = { name: 'trial', hosts: 'all', roles }
  const whole = playbook({ name: 'trial', plays: [play] })
  const member = {
    host,
    prediction: new Prediction(),
    earlier: new EarlierChanges(),
    inTurn: <T>(work: () => Promise<T>) => work(),
    started: new StartedResources(),
  }
  const events: ResourceEvent[] = []
  const problems: Problem[] = []
  const stage = {
    mode,
    inventory,
    playbook: whole,
    signal: new AbortController().signal,
    session: () => Promise.reject(new Error('there is no other host')),
    once: new OncePerPlay(),
    emit: (event: { readonly type: string }) => {
      if (event.type === 'resource') events.push(event as ResourceEvent)
    },
  }
  for (const [index, role] of roles.entries()) {
    try {
      await runUnit({ index, host: target, role, vars: {}, play, batch: 0 }, member, stage)
    } catch (error) {
      if (!(error instanceof RolecallError)) return { said: named(events), problems, threw: error }
      problems.push(...error.problems)
      break
    }
  }
  return { said: named(events), problems }
}

function named(events: readonly ResourceEvent[]): Said[] {
  const times = new Map<string, number>()
  return events.map(({ role, resource, status, reason = '' }) => {
    const name = `${role} ${resource}`
    const time = (times.get(name) ?? 0) + 1
    times.set(name, time)
    return { name: time === 1 ? name : `${name} #${time}`, status, reason }
  })
}
