import type { Problem } from '../../errors.ts'
import type { CaughtFailure, ResourceEvent, RunEvent, Status } from '../../events.ts'
import { neutral } from '../../gate/neutral.ts'
import { stepsText } from '../changes.ts'
import { diffLines } from '../text/diff.ts'
import { notBegunReason } from '../not-begun.ts'
import type { OutputLine } from '../text/output-lines.ts'
import { brushFor, type Paint } from '../text/paint.ts'
import { knows, type RunProgress } from '../run-progress.ts'
import { cut, pad, width } from '../text/width.ts'
import { QUIET, VERBOSE, VERY_VERBOSE, type Verbosity } from '../verbosity.ts'
import { awayWord, counted, duration, listed, MODE_WORDS, oneLine, RUN_ENDS, statusWord } from '../text/words.ts'

export interface PlainOptions {
  readonly paint: Paint
  readonly diff: boolean
  readonly verbosity: Verbosity
  /** The width of the screen. Lines are cut to it, except those about failures. */
  readonly columns?: number
}

/**
 * The permanent lines of an event, in a pipe and above the live view. `tally` does not include the event yet.
 * Most events have none: a run without changes is quiet.
 */
export function plainLines(event: RunEvent, tally: RunProgress, options: PlainOptions): string[] {
  const { paint, verbosity } = options
  const verbose = verbosity >= VERBOSE
  if (verbosity === QUIET && !isTrouble(event)) return []
  switch (event.type) {
    case 'run':
      return [
        paint.strong(`${MODE_WORDS[event.mode].doing} ${event.playbook} on ${counted(event.hosts.length, 'host')}`),
      ]
    case 'resumed':
      return resumedLines(event, paint)
    case 'waiting':
      return [hostLine(event.host, tally, `${word('unknown', tally, paint, 'waiting')}  ${oneLine(event.message)}`)]
    case 'connected':
      return verbose ? [hostLine(event.host, tally, `connected: ${oneLine(event.os)}`)] : []
    case 'unreachable':
      return [
        hostLine(
          event.host,
          tally,
          `${word('failed', tally, paint)}  ${awayWord(event.problem.code)}: ${oneLine(event.problem.message)}`,
        ),
      ]
    case 'problem':
      return knows(tally, event.problem) ? [] : problemLine(event.problem, tally, paint)
    case 'step':
      return verbose ? [hostLine(event.host, tally, paint.dim(`${event.resource}: ${oneLine(event.say)} ...`))] : []
    case 'resource':
      return event.status === 'ok' && !verbose ? [] : resourceLines(event, tally, options)
    case 'note':
      return [hostLine(event.host, tally, oneLine(event.message))]
    case 'unit-end':
      return unitEndLines(event, tally, options)
    case 'connecting':
      return verbosity >= VERY_VERBOSE ? [hostLine(event.host, tally, 'connecting')] : []
    case 'unit':
      return verbosity >= VERY_VERBOSE ? [hostLine(event.host, tally, `role ${event.role} of play ${event.play}`)] : []
    // Output comes in pieces; `OutputLines` joins them to lines.
    case 'output':
    case 'summary':
      return []
  }
}

function isTrouble(event: RunEvent): boolean {
  if (event.type === 'resource') return event.status === 'failed'
  if (event.type === 'unit-end') return event.end === 'cancelled' || event.caught !== undefined
  return event.type === 'unreachable' || event.type === 'problem'
}

function resumedLines({ run, end, finished, units, changed }: Extract<RunEvent, { type: 'resumed' }>, paint: Paint) {
  const left = Math.max(0, units - finished)
  const words = `Resuming run ${run} (${RUN_ENDS[end]}): ${counted(left, 'unit')} left of ${units}; finished ones are checked again`
  return [words, ...changed.map((what) => paint.unknown(`The ${what} has changed since that run. Today's is used.`))]
}

function resourceLines(event: ResourceEvent, tally: RunProgress, options: PlainOptions): string[] {
  const { paint, diff, verbosity, columns } = options
  const status =
    event.interrupted === true ? word('unknown', tally, paint, 'stopped') : word(event.status, tally, paint)
  const isWhole = verbosity >= VERBOSE || columns === undefined
  const room = isWhole ? Infinity : columns - hostColumn(tally) - wordColumn(tally) - 5
  if (event.status === 'failed' && event.lastLine !== undefined)
    return [hostLine(event.host, tally, `${status}  ${failureText(event, event.lastLine, room, paint)}`)]
  // A failure shows its reason instead of the steps. The recap has both.
  const isShort = event.status === 'failed' && !isWhole
  const steps = event.steps.length === 0 || isShort ? '' : `: ${stepsText(event)}`
  const what = cut(`${oneLine(event.resource)}${steps}`, isShort ? Math.max(16, Math.floor(room / 3)) : room)
  // The step's own text may give the reason: restart named (after file:/etc/bind/host.com.zone).
  const further = furtherReason(event.reason, steps)
  const reason = further === undefined ? '' : cut(` (${oneLine(further)})`, room - width(what))
  const time = verbosity >= VERY_VERBOSE && event.durationMs > 0 ? ` in ${duration(event.durationMs)}` : ''
  const line = hostLine(event.host, tally, `${status}  ${what}${paint.dim(`${reason}${time}`)}`)
  const shown = diff && event.diff !== undefined ? diffLines(event.diff, paint).map((text) => `    ${text}`) : []
  return [line, ...shown]
}

/** What a reason says besides what the steps say already: `after a, b` after `restart x (after a)` is `also after b`. */
function furtherReason(reason: string | undefined, steps: string): string | undefined {
  if (reason === undefined || steps.includes(`(${reason})`)) return undefined
  const said = [...steps.matchAll(/\(after ([^()]+)\)/g)].flatMap(([, names = '']) => names.split(', '))
  if (said.length === 0 || !reason.startsWith('after ')) return reason
  const left = reason
    .slice('after '.length)
    .split(', ')
    .filter((name) => !said.includes(name))
  return left.length === 0 ? undefined : `also after ${left.join(', ')}`
}

/** A shorter piece of a reason would not be readable. */
const LEAST_REASON = 16

/** The last line of a failed step's output comes first, then what it should have done, if there is room. */
function failureText({ resource, reason }: ResourceEvent, lastLine: string, room: number, paint: Paint): string {
  const name = cut(oneLine(resource), Math.max(LEAST_REASON, Math.floor(room / 3)))
  const text = cut(`${name}: ${oneLine(lastLine)}`, room)
  const left = room - width(text)
  return reason === undefined || left < LEAST_REASON ? text : `${text}${paint.dim(cut(` (${oneLine(reason)})`, left))}`
}

function unitEndLines(
  event: Extract<RunEvent, { type: 'unit-end' }>,
  tally: RunProgress,
  { paint, verbosity }: PlainOptions,
): string[] {
  const verbose = verbosity >= VERBOSE
  const { host, role, end, durationMs, asBefore, unverified, notBegun, caught = [] } = event
  const why = notBegun === undefined ? '' : ` ${paint.dim(`(${oneLine(notBegunReason(notBegun))})`)}`
  const line = (status: Status, told: string, text: string) => [
    hostLine(host, tally, `${word(status, tally, paint, told)}  ${text}`),
  ]
  switch (end) {
    case 'done':
      if (unverified === true) return line('skipped', 'no check', `${role} has no verify: nothing to verify`)
      return [
        ...(caught.length > 0 ? line('skipped', 'caught', caughtText(event, caught)) : []),
        ...(verbose || tally.mode === 'verify'
          ? line(
              'ok',
              tally.mode === 'verify' ? 'verified' : 'done',
              `${role}${asBefore === true ? ', as it was left' : ''} ${paint.dim(`in ${duration(durationMs)}`)}`,
            )
          : []),
      ]
    case 'failed':
      // The failure inside was shown just before.
      return verbose ? line('failed', 'failed', `role ${role}`) : []
    case 'cancelled':
      // There may be hundreds of roles that did not begin. The recap has their number.
      if (!verbose && notBegun?.type === 'interrupted') return []
      return line('unknown', 'cancelled', `role ${role}`)
    case 'unreachable':
      return verbose ? line('failed', 'unreachable', `role ${role}`) : []
    case 'skipped':
      // The gate of a role that did not begin is not shown either.
      if (isToldAsLeftOut(event, tally)) return []
      // The host's own failure was shown just before. Roles that did not begin because of other hosts were not.
      return verbose || notBegun?.type !== 'host-failed' ? line('skipped', 'left out', `role ${role}${why}`) : []
  }
}

function isToldAsLeftOut({ host, role }: Extract<RunEvent, { type: 'unit-end' }>, tally: RunProgress): boolean {
  return tally.hosts.get(host)?.units.some((unit) => unit.role === role && unit.end === 'skipped') === true
}

/** Failures that a role caught were shown as they came. This line tells that they do not count. */
function caughtText({ host, role }: Extract<RunEvent, { type: 'unit-end' }>, caught: readonly CaughtFailure[]): string {
  const names = caught.map((each) => `${oneLine(each.resource)}${each.host === host ? '' : ` on ${each.host}`}`)
  return `${listed([...new Set(names)])} failed, and role ${role} continued`
}

/** A failure in one line; the recap has the details. A failure that a resource has shown is not shown again. */
function problemLine({ host, role, resource, message, lastLine }: Problem, tally: RunProgress, paint: Paint): string[] {
  if (resource !== undefined) return []
  const said = lastLine === undefined ? oneLine(message) : `${oneLine(lastLine)} ${paint.dim(`(${oneLine(message)})`)}`
  const text = `${word('failed', tally, paint)}  ${role === undefined ? '' : `role ${role}: `}${said}`
  return [host === undefined ? text : hostLine(host, tally, text)]
}

/** The word for a status, padded so that the text after it is aligned. */
function word(status: Status, tally: RunProgress, paint: Paint, told = statusWord(status, tally.mode)): string {
  return brushFor(status, paint)(told.padEnd(wordColumn(tally)))
}

function wordColumn({ mode }: RunProgress): number {
  return mode === 'verify' ? 'verified'.length : statusWord('changed', mode).length
}

/** A line of a step's output, after the name of its host. */
export function outputLine({ host, stream, line }: OutputLine, tally: RunProgress, paint: Paint): string {
  return hostLine(host, tally, `${paint.dim(stream === 'stderr' ? '!' : '|')} ${neutral(line)}`.trimEnd())
}

export function hostLine(host: string, tally: RunProgress, text: string): string {
  return `${pad(host, hostColumn(tally))}  ${text}`
}

/** The width of the longest host name, so that the text after it is aligned. Cached, because measuring all names for each line is slow. */
function hostColumn({ hosts }: RunProgress): number {
  const known = columns.get(hosts)
  if (known?.hosts === hosts.size) return known.column
  const column = Math.min(40, Math.max(0, ...Array.from(hosts.keys(), width)))
  columns.set(hosts, { hosts: hosts.size, column })
  return column
}

const columns = new WeakMap<RunProgress['hosts'], { readonly hosts: number; readonly column: number }>()
