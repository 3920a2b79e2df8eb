import type { RunEvent } from '../../lib/events.ts'
import type { EnsuredResource } from '../parity/ensured-resources.ts'
import { inputsOf } from '../parity/reading.ts'
import type { Machine } from './machine.ts'

/** A service of the site, and the files it is restarted after. */
export interface Restarted {
  readonly host: string
  readonly unit: string
  readonly inputs: readonly string[]
}

/** When it started and when its inputs changed, in microseconds; how often it has been started since the host booted. */
export interface Times {
  /** Its unit is on the host. */
  readonly there: boolean
  readonly active: boolean
  readonly started: number
  readonly newest: number
  readonly starts: number
}

/** A file's time may lag behind by one tick of the kernel, so a restart within it is right as well. */
const TICK_MICROS = 10_000

/** Services that run and are restarted after files, as the roles have asked for them. */
export function restartedServices(asked: readonly EnsuredResource[]): Restarted[] {
  return asked.flatMap(({ host, resource }) => {
    if (resource.kind !== 'service') return []
    const inputs = inputsOf(resource)
    return inputs.length === 0 ? [] : [{ host, unit: resource.name, inputs }]
  })
}

/** Names of files that the site writes, by host. */
export function managedFiles(events: readonly RunEvent[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>()
  for (const event of events) {
    if (event.type !== 'resource') continue
    const [kind, name] = split(event.resource)
    if (isFile(kind)) found.set(event.host, (found.get(event.host) ?? new Set()).add(name))
  }
  return found
}

/**
 * State and time of start come of one question, because what a killed run has begun goes on meanwhile. The journal may lag behind what systemd
 * has done: it is asked to catch up before starts are counted.
 */
export async function timesOf(machine: Machine, { unit, inputs }: Restarted): Promise<Times> {
  const [load, state, started, newest, starts] = (
    await machine.run(`s=$(TZ=UTC systemctl show --timestamp=us+utc -p LoadState,ActiveState,ExecMainStartTimestamp ${unit})
of() { printf '%s\\n' "$s" | sed -n "s/^$1=//p" | grep . || echo -; }
of LoadState; of ActiveState
date -d "$(of ExecMainStartTimestamp)" +%s.%N 2>/dev/null || echo 0
stat -c %.9Z ${inputs.join(' ')} 2>/dev/null | sort -n | tail -n 1 | grep . || echo 0
journalctl --sync 2>/dev/null
journalctl -b -q -o cat _PID=1 MESSAGE_ID=39f53479d3a045ac8e11786248231fbf UNIT=${unit}.service | wc -l`)
  ).split('\n')
  const micros = (text: string | undefined) => Math.round(Number(text ?? 0) * 1e6)
  return {
    there: load === 'loaded',
    active: state === 'active',
    started: micros(started),
    newest: micros(newest),
    starts: Number(starts),
  }
}

/** Whether the next run has to restart it. */
export function isDue({ active, started, newest }: Times): boolean {
  return active && newest > started
}

/** What the second run did wrong about a restart, in words; undefined when all is well. */
export function wrongRestart(
  service: Restarted,
  before: Times,
  after: Times,
  events: readonly RunEvent[],
): string | undefined {
  const { host, unit } = service
  const steps = events.flatMap((event) =>
    event.type === 'step' && event.host === host && event.resource === `service:${unit}` ? [event.say] : [],
  )
  const restarts = steps.filter((say) => say.startsWith('restart '))
  if (!after.active) return `${unit} on ${host} does not run`
  if (isDue(after)) return `${unit} on ${host} was not restarted after its files changed: lost`
  const count = after.starts - before.starts
  const wasDue = !before.active || before.newest + TICK_MICROS >= before.started || after.newest > before.newest
  // Its package starts it as well: one that was lost while it was unpacked has its unit there already.
  const wasBrought = before.there && (before.active || before.starts > 0)
  const most = (wasDue ? 1 : 0) + (wasBrought ? 0 : 1)
  if (restarts.length > 1) return `${unit} on ${host} was restarted ${restarts.length} times`
  if (count > most) return `${unit} on ${host} was started ${count} times`
  const mute = restarts.find((say) => !/ \((started .+, .+ changed .+|after .+)\)$/.test(say))
  return mute === undefined ? undefined : `${host}: "${mute}" does not say why`
}

function isFile(kind: string): boolean {
  return ['file', 'line', 'block', 'download', 'jsonFile', 'yamlFile', 'iniFile'].includes(kind)
}

function split(resource: string): readonly [string, string] {
  const at = resource.indexOf(':')
  return [resource.slice(0, at), resource.slice(at + 1)]
}
