import { randomBytes } from 'node:crypto'
import type { Problem } from '../../errors.ts'
import type { RunEvent } from '../../events.ts'
import type { TraceSettings } from './settings.ts'

/** A span: a run, a connection, a role on a host, or a resource that was not ok. Times are milliseconds since the epoch. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentId?: string
  readonly name: string
  readonly start: number
  readonly end: number
  readonly attributes: Readonly<Record<string, Value | undefined>>
  readonly marks: readonly Mark[]
  /** The error, if it failed. */
  readonly error?: string
}

export type Value = string | number | boolean | readonly string[]

/** An event at one moment of a span. */
export interface Mark {
  readonly at: number
  readonly name: string
  readonly attributes: Readonly<Record<string, Value | undefined>>
}

interface Open {
  readonly spanId: string
  readonly start: number
  readonly marks: Mark[]
}

/**
 * Makes spans of the events of one run, which have passed the gate. The run is the parent of connections and units, and a unit is the parent of its resources. Resources that
 * are ok get no span: a run over a hundred hosts has thousands of them.
 */
export class SpanRecorder {
  readonly #traceId: string
  readonly #parentId: string | undefined
  readonly #root: Open = opened(Date.now())
  readonly #connections = new Map<string, Open>()
  readonly #units = new Map<string, Open>()
  readonly #steps = new Map<string, number>()
  #run: Extract<RunEvent, { type: 'run' }> | undefined
  #latest = Date.now()
  #isOver = false

  constructor(parent: TraceSettings['parent']) {
    this.#traceId = parent?.traceId ?? randomBytes(16).toString('hex')
    this.#parentId = parent?.spanId
  }

  /** The spans that end with this event. */
  take(event: RunEvent): Span[] {
    if ('at' in event) this.#latest = Math.max(this.#latest, event.at)
    switch (event.type) {
      case 'run':
        this.#run = event
        return []
      case 'connecting':
        this.#connections.set(event.host, opened(event.at))
        return []
      case 'connected':
        return this.#connectionOver(event.host, event.at, { 'rolecall.os': event.os })
      case 'unreachable':
        return this.#connectionOver(event.host, event.at, {}, event.problem)
      case 'unit':
        this.#units.set(unitKey(event), opened(event.at))
        return []
      case 'step': {
        const key = `${unitKey(event)} ${event.resource}`
        if (!this.#steps.has(key)) this.#steps.set(key, event.at)
        return []
      }
      case 'resource':
        return this.#resourceOver(event)
      case 'unit-end':
        return this.#unitOver(event)
      case 'note':
      case 'waiting':
        this.#mark(event.host, event.role, event.at, event.type, { message: event.message })
        return []
      case 'problem': {
        const { host, role, resource, code, message, place } = event.problem
        this.#mark(host, role, event.at, 'problem', {
          'rolecall.code': code,
          message,
          'rolecall.host': host,
          'rolecall.resource': resource,
          'code.file.path': place?.file,
          'code.line.number': place?.line,
        })
        return []
      }
      case 'summary': {
        const hosts = Object.values(event.hosts)
        const sum = (key: 'ok' | 'changed' | 'unknown' | 'failed' | 'roundTrips') =>
          hosts.reduce((total, host) => total + host[key], 0)
        const attributes = {
          'rolecall.ok': sum('ok'),
          'rolecall.changed': sum('changed'),
          'rolecall.unknown': sum('unknown'),
          'rolecall.failed': sum('failed'),
          'rolecall.round_trips': sum('roundTrips'),
          'rolecall.unreachable': hosts.filter(({ unreachable }) => unreachable).length,
        }
        return this.#end(attributes, event.ok ? undefined : 'the run is incomplete')
      }
      case 'resumed':
      case 'output':
        return []
    }
  }

  /** The spans that are still open if an error ended the run. */
  rest(): Span[] {
    return this.#isOver ? [] : this.#end({}, 'an error ended the run')
  }

  #end(attributes: Span['attributes'], error: string | undefined): Span[] {
    this.#isOver = true
    const run = this.#run
    return [
      {
        ...this.#span(this.#root, run === undefined ? 'run' : `${run.mode} ${run.playbook}`, this.#latest),
        ...(this.#parentId === undefined ? {} : { parentId: this.#parentId }),
        attributes: {
          'rolecall.run': run?.run,
          'rolecall.mode': run?.mode,
          'rolecall.playbook': run?.playbook,
          'rolecall.hosts': run?.hosts.length,
          'rolecall.units': run?.units,
          ...attributes,
        },
        ...(error === undefined ? {} : { error }),
      },
    ]
  }

  #connectionOver(host: string, at: number, attributes: Span['attributes'], problem?: Problem): Span[] {
    const open = this.#connections.get(host) ?? opened(at)
    this.#connections.delete(host)
    const more = { 'rolecall.host': host, ...attributes, 'rolecall.code': problem?.code }
    const error = problem === undefined ? {} : { error: problem.message }
    return [{ ...this.#child(open, `connect ${host}`, at), attributes: more, ...error }]
  }

  #unitOver(event: Extract<RunEvent, { type: 'unit-end' }>): Span[] {
    const key = unitKey(event)
    const open = this.#units.get(key)
    // A unit that never began has no span. The sums count it.
    if (open === undefined) return []
    this.#units.delete(key)
    for (const step of this.#steps.keys()) if (step.startsWith(`${key} `)) this.#steps.delete(step)
    const { host, role, play, end } = event
    const attributes = {
      'rolecall.host': host,
      'rolecall.role': role,
      'rolecall.play': play,
      'rolecall.end': end,
      'rolecall.as_before': event.asBefore,
    }
    const error = end === 'failed' || end === 'unreachable' ? { error: `the role ended as ${end}` } : {}
    return [{ ...this.#child(open, `${role} on ${host}`, event.at), attributes, ...error }]
  }

  #resourceOver(event: Extract<RunEvent, { type: 'resource' }>): Span[] {
    const key = `${unitKey(event)} ${event.resource}`
    const stepAt = this.#steps.get(key)
    this.#steps.delete(key)
    if (event.status === 'ok' || event.status === 'skipped') return []
    const unit = this.#units.get(unitKey(event))
    const start = Math.max(unit?.start ?? 0, stepAt ?? event.at - event.durationMs)
    const attributes = {
      'rolecall.host': event.host,
      'rolecall.role': event.role,
      'rolecall.resource': event.resource,
      'rolecall.kind': event.resource.split(':', 1)[0],
      'rolecall.status': event.status,
      'rolecall.steps': event.steps,
      'rolecall.reason': event.reason,
    }
    const error = event.status === 'failed' ? { error: event.reason ?? 'failed' } : {}
    const span = this.#child(opened(start), event.resource, event.at)
    return [{ ...span, ...(unit === undefined ? {} : { parentId: unit.spanId }), attributes, ...error }]
  }

  #mark(host: string | undefined, role: string | undefined, at: number, name: string, more: Mark['attributes']): void {
    const unit = host === undefined || role === undefined ? undefined : this.#units.get(unitKey({ host, role }))
    const open = unit ?? (host === undefined ? undefined : this.#connections.get(host)) ?? this.#root
    if (open.marks.length < MOST_MARKS) open.marks.push({ at, name, attributes: more })
  }

  #child(open: Open, name: string, end: number) {
    return { ...this.#span(open, name, end), parentId: this.#root.spanId }
  }

  #span({ spanId, start, marks }: Open, name: string, end: number) {
    return { traceId: this.#traceId, spanId, name, start, end: Math.max(start, end), marks }
  }
}

/** Collectors keep at most 128 events of a span. */
const MOST_MARKS = 128

function opened(start: number): Open {
  return { spanId: randomBytes(8).toString('hex'), start, marks: [] }
}

function unitKey({ host, role }: { readonly host: string; readonly role: string }): string {
  return `${host} ${role}`
}
