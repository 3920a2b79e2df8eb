import type { Problem, ProblemCode } from '../errors.ts'
import type { Mode, NotBegun, ResourceEvent, RunEvent, SummaryEvent, UnitEnd } from '../events.ts'
import { lastLine } from './text/output-lines.ts'

/** The state of a host. */
type HostState = 'waiting' | 'connecting' | 'ready' | 'working' | 'failed' | 'unreachable'

/** The progress of one host. */
export interface HostProgress {
  readonly name: string
  readonly state: HostState
  /** The running role and its step, in words. */
  readonly role?: string
  readonly doing?: string
  /** The start of this step. */
  readonly since?: number
  /** The start of the role, or of connecting. */
  readonly begunAt?: number
  /** The last line of output of the running step. */
  readonly lastLine?: string
  /** Why nothing can be done on the host. */
  readonly away?: ProblemCode
  /** The latest failure on the host, in one line. */
  readonly failure?: string
  readonly ok: number
  /** Lists are added to in place: a copy for each of thousands of events would be slow. */
  readonly changes: ResourceEvent[]
  readonly unknowns: ResourceEvent[]
  readonly failures: number
  /** Failures that roles caught. They do not count as failures. */
  readonly caught: number
  /** Resources stopped by an interruption. They do not count as failures. */
  readonly stopped: number
  readonly skipped: number
  readonly units: UnitProgress[]
}

interface UnitProgress {
  readonly host: string
  readonly role: string
  readonly end: UnitEnd
  readonly durationMs: number
  readonly notBegun?: NotBegun
  /** The step at which the run was cancelled. */
  readonly during?: string
}

/** The progress of a run. */
export interface RunProgress {
  mode: Mode
  playbook: string
  run: string
  startedAt: number
  units: number
  ended: number
  /** The number of events so far. */
  events: number
  readonly hosts: Map<string, HostProgress>
  readonly problems: Problem[]
  /** Keys of `problems`, for a fast lookup: a run may have a problem for each host. */
  readonly known: Set<string>
  summary: SummaryEvent | undefined
}

export function emptyProgress(): RunProgress {
  return {
    mode: 'check',
    playbook: '',
    run: '',
    startedAt: 0,
    units: 0,
    ended: 0,
    events: 0,
    hosts: new Map(),
    problems: [],
    known: new Set(),
    summary: undefined,
  }
}

/**
 * Adds an event to the tally. The map of hosts is changed in place: copying thousands of hosts for each of thousands of
 * events would be slow. The change of a single host is `hostAfter`.
 */
export function take(tally: RunProgress, event: RunEvent): void {
  tally.events++
  switch (event.type) {
    case 'run':
      tally.mode = event.mode
      tally.playbook = event.playbook
      tally.run = event.run
      tally.startedAt = event.at
      tally.units = event.units
      for (const name of event.hosts) tally.hosts.set(name, newHost(name))
      return
    case 'summary':
      tally.summary = event
      return
    case 'resumed':
      return
    case 'problem': {
      const { host, message, lastLine: said } = event.problem
      learn(tally, event.problem)
      const known = host === undefined ? undefined : tally.hosts.get(host)
      if (known !== undefined && known.failure === undefined)
        tally.hosts.set(known.name, { ...known, failure: said ?? message })
      return
    }
    case 'unreachable':
      learn(tally, event.problem)
      break
    case 'unit-end':
      tally.ended++
      for (const { host } of event.caught ?? []) {
        const known = tally.hosts.get(host)
        if (known !== undefined) tally.hosts.set(host, withoutCaught(known))
      }
      break
    case 'connecting':
    case 'waiting':
    case 'connected':
    case 'unit':
    case 'step':
    case 'output':
    case 'resource':
    case 'note':
      break
  }
  tally.hosts.set(event.host, hostAfter(tally.hosts.get(event.host) ?? newHost(event.host), event))
}

/** An unreachable host is reported as a state and as a problem, but shown once. */
function learn(tally: RunProgress, problem: Problem): void {
  if (knows(tally, problem)) return
  tally.known.add(sameness(problem))
  tally.problems.push(problem)
}

/** Whether the same problem was counted already. */
export function knows(tally: RunProgress, problem: Problem): boolean {
  return tally.known.has(sameness(problem))
}

/** A text that equal problems share. */
function sameness({ host, message, resource, place }: Problem): string {
  return JSON.stringify([host, message, resource, place?.file, place?.line, place?.column])
}

export function newHost(name: string): HostProgress {
  return {
    name,
    state: 'waiting',
    ok: 0,
    changes: [],
    unknowns: [],
    failures: 0,
    caught: 0,
    stopped: 0,
    skipped: 0,
    units: [],
  }
}

export type HostEvent = Exclude<RunEvent, { type: 'run' | 'resumed' | 'summary' | 'problem' }>

/** The host after an event: a new object that shares the lists of the old one. */
export function hostAfter(host: HostProgress, event: HostEvent): HostProgress {
  switch (event.type) {
    case 'connecting':
      return { ...host, state: 'connecting', doing: 'connecting', since: event.at, begunAt: event.at }
    case 'waiting':
      return { ...host, doing: event.message, since: event.at }
    case 'connected':
      return { ...idle(host), state: 'ready' }
    case 'unreachable':
      return { ...idle(host), state: 'unreachable', away: event.problem.code, failure: event.problem.message }
    case 'unit':
      return { ...idle(host), state: 'working', role: event.role, since: event.at, begunAt: event.at }
    case 'step': {
      const { lastLine: _lastLine, ...rest } = host
      const begunAt = host.begunAt ?? event.at
      return { ...rest, state: 'working', role: event.role, doing: event.say, since: event.at, begunAt }
    }
    case 'resource':
      return counting({ ...host, since: event.at }, event)
    case 'unit-end':
      return unitEnded(host, event)
    case 'output': {
      const line = lastLine(event.text)
      return line === undefined ? host : { ...host, lastLine: line }
    }
    case 'note':
      return host
  }
}

function counting(host: HostProgress, event: ResourceEvent): HostProgress {
  const { doing: _doing, lastLine: _lastLine, ...quiet } = host
  switch (event.status) {
    case 'ok':
      return { ...quiet, ok: host.ok + 1 }
    case 'changed':
      host.changes.push(event)
      return quiet
    case 'unknown':
      host.unknowns.push(event)
      return quiet
    case 'failed':
      return {
        ...quiet,
        ...(event.interrupted === true ? { stopped: host.stopped + 1 } : { failures: host.failures + 1 }),
        failure: `${event.resource}: ${event.lastLine ?? event.reason ?? 'failed'}`,
      }
    case 'skipped':
      return { ...quiet, skipped: host.skipped + 1 }
  }
}

function unitEnded(
  host: HostProgress,
  { role, end, durationMs, notBegun }: Extract<RunEvent, { type: 'unit-end' }>,
): HostProgress {
  const reason = notBegun === undefined ? {} : { notBegun }
  const doing = host.doing ?? host.failure
  const during = end === 'cancelled' && doing !== undefined ? { during: doing } : {}
  host.units.push({ host: host.name, role, end, durationMs, ...reason, ...during })
  const state = end === 'failed' || end === 'unreachable' ? end : settled(host.state)
  return { ...idle(host), state }
}

function withoutCaught(host: HostProgress): HostProgress {
  const { failure: last, ...rest } = host
  const still = host.failures === 1 || last === undefined ? {} : { failure: last }
  return { ...rest, ...still, failures: host.failures - 1, caught: host.caught + 1 }
}

/** Later events do not replace a failure. */
function settled(state: HostState): HostState {
  return state === 'failed' || state === 'unreachable' ? state : 'ready'
}

function idle(host: HostProgress): HostProgress {
  const { role: _role, doing: _doing, since: _since, begunAt: _begunAt, lastLine: _lastLine, ...rest } = host
  return rest
}
