import { createHash } from 'node:crypto'
import { lines, raw, sh } from '../../../sh/quote.ts'
import { url } from '../../downloads/fetch.ts'
import { hostPattern } from '../../kit/host-pattern.ts'
import { kind, type Resource } from '../../kit/kind.ts'
import { isResource } from '../../kit/resource.ts'
import { described, list, oneOf, path, pattern, seconds, text, value, whole } from '../../kit/options/option-types.ts'
import { exactlyOne, leftOut, resourceOptions } from '../../kit/options/options.ts'
import { absolute } from '../../files/path/path.ts'
import { serviceOrUnit, unitOf } from '../../systemd/service.ts'
import { waitForWork, workOf } from '../background/wait-for-work.ts'
import { lookAt, movesOf, startsOf, waiting, type Condition } from './wait-probe.ts'
import { predictWait } from './wait-prediction.ts'
import type { WaitHave, WaitWant } from './wait-want.ts'

export type { WaitHave, WaitWant } from './wait-want.ts'

export interface Patience {
  /** `absent`: wait until it is not so any more: the port is closed, the file gone. Default `present`. */
  readonly state?: 'present' | 'absent'
  /** Seconds until it gives up. Default 60. */
  readonly deadline?: number
  /** Services, or names of their units: after each start or stop of one in a run it waits again. */
  readonly againAfter?: readonly (Resource | string)[]
}

/** One of: a port that somebody listens on; a URL that answers with this status (default 200) and body; a file; the end of a command in the background. */
export type WaitOptions = Patience &
  (
    | { readonly port: number; readonly host?: string }
    | { readonly url: string; readonly status?: number; readonly body?: RegExp }
    | { readonly file: string; readonly contains?: RegExp }
    | { readonly exec: Resource }
  )

/**
 * Something that must be so before the next resource has its turn: a port is open, a URL answers, a file is there. The host looks
 * once a second and says what it sees; nothing is done when it is so already.
 *
 * - `port`: is tried from the host itself, with bash, `nc -z` or `curl telnet:`, whichever there is; without any of them a
 *   port of 127.0.0.1 is looked up in `/proc/net/tcp`. `host`: default 127.0.0.1.
 * - `url`: is asked with curl or wget; a try may take 10 s. A redirect is an answer of its own (busybox wget follows it).
 * - `exec`: an `exec` with `background: true`. It waits until the command has ended, shows what that prints meanwhile, and fails as it did. What is `restartedAfter` this wait is
 *   `restartedAfter` what the command changes. `deadline`: default 600.
 * - `body`, `contains`: matched line by line on the host, as `grep -E` does it. A pattern that means something else there, or
 *   nothing, is refused: lookahead, `\b`, lazy repetition, back references.
 * - `againAfter`: services, or names of units. After each start or stop of one in this run it waits again, so that a restart and its answer belong together. When they
 *   last started is kept in `/run/rolecall`, on the host, by each wait. A start or stop that no wait has seen, of an earlier run or by
 *   somebody else, is of no account when all is as wanted now; otherwise it is waited for.
 * - `deadline`: seconds, default 60. The error then says what was last seen.
 *
 * Check: true already, it is ok; not yet, it is a change. With `againAfter` it is a change when one of those services is to be started,
 * restarted or stopped. Without, an earlier change that may bring it leaves it unknown whether there will be something to wait
 * for: so name the service.
 *
 * Refused: no bash, nc or curl on the host for a port elsewhere; neither curl nor wget for a URL.
 *
 * @example
 * waitFor('nginx answers', { port: 180, againAfter: [nginx] })               // nginx = service('nginx', ...)
 * waitFor('Harbor is healthy', { url: 'http://127.0.0.1:180/api/v2.0/health', body: /"status":"healthy"/, deadline: 300 })
 * waitFor('the token', { file: '/var/lib/app/token' })
 * waitFor('the index', { exec: index, deadline: 7200 })                      // index = exec(..., { background: true })
 * waitFor('the old server is gone', { port: 53, state: 'absent' })
 */
export function waitFor(name: string, options: WaitOptions): Resource {
  const { options: given, id } = read(name, options)
  const begun = given.exec === undefined ? undefined : workOf(given.exec)
  if (begun !== undefined) return waitForWork(name, { ...begun, deadline: given.deadline ?? WORK_SECONDS })
  const { state = 'present', deadline = 60, againAfter = [], contains } = given
  const absent = state === 'absent'
  const condition = conditionOf(id, given)
  const units = againAfter.map(unitOf)
  const mark = createHash('sha256')
    .update(JSON.stringify([name, condition, units]))
    .digest('hex')
    .slice(0, 16)
  return make(name, { condition, contains, absent, deadline, units, mark: `/run/rolecall/waited-${mark}` })
}

const read = resourceOptions<WaitOptions>()(
  'waitFor',
  (name) => described('waitFor', name),
  () => ({
    port: whole('1 to 65535', 1, 65_535).optional(),
    host: text('a name or an address', /^[\w:][\w.:-]*$/).optional(),
    url: url().optional(),
    status: whole('100 to 599', 100, 599).optional(),
    body: pattern().optional(),
    file: path().optional(),
    contains: pattern().optional(),
    exec: value<Resource>(
      'an exec with background: true',
      (each) => isResource(each) && workOf(each) !== undefined,
    ).optional(),
    state: oneOf(['present', 'absent']).optional(),
    deadline: seconds().optional(),
    againAfter: list('a list of services', serviceOrUnit()).optional(),
  }),
  (options, given) => [
    exactlyOne(['port', 'url', 'file', 'exec'], given),
    ...(given.has('exec') ? leftOut(['state', 'againAfter'], 'with exec', options) : []),
    ...Object.entries(BELONGS).flatMap(([of, names]) =>
      given.has(of) ? [] : leftOut(names, `without ${of}`, options),
    ),
  ],
)

/** Seconds that a command in the background may take. */
const WORK_SECONDS = 600

/** What means something beside one condition only. */
const BELONGS = { port: ['host'], url: ['status', 'body'], file: ['contains'] }

type Given = Partial<Record<'port' | 'status', number> & Record<'host' | 'url' | 'file', string>> &
  Partial<Record<'body' | 'contains', RegExp>>

function conditionOf(
  id: string,
  { port, host = '127.0.0.1', url, status = 200, body, file, contains }: Given,
): Condition {
  if (port !== undefined) return { type: 'port', host, port }
  if (url !== undefined) return { type: 'url', url, status, body: body && hostPattern(`body of ${id}`, body) }
  const pattern = contains && hostPattern(`contains of ${id}`, contains)
  return { type: 'file', path: absolute(`file of ${id}`, file), contains: pattern }
}

const make = kind<WaitWant, WaitHave>({
  name: 'waitFor',
  probe: ({ condition, units, mark }) =>
    lines(
      lookAt(condition),
      sh`look; echo "$? $last"`,
      ...(units.length === 0 ? [] : [movesOf(units, mark)]),
      raw(':'),
    ),
  read({ absent, units }, reply) {
    const [first = '', second] = reply.lines
    const code = first.slice(0, 1)
    const isOver = code === (absent ? '1' : '0')
    return {
      holds: code === '0',
      last: first.slice(2),
      canAsk: code !== '2',
      seen: units.length === 0 || second === 'seen' || (second === 'earlier' && isOver),
    }
  },
  // That it is over is written down where later waits of the same look.
  effects: ({ units, mark }) => (units.length === 0 ? [] : [{ type: 'path', path: mark, state: { type: 'file' } }]),
  predict: predictWait,
  plan(want, have) {
    const { condition, absent, deadline, units, mark } = want
    if (have.holds !== absent && have.seen && have.canAsk) return []
    if (!have.canAsk) {
      const tools = condition.type === 'url' ? 'neither curl nor wget' : 'none of bash, nc and curl'
      return {
        refused: `nothing on this host can ask for ${what(condition)}: it has ${tools}`,
        hint: "put pkg('curl') before this resource",
      }
    }
    const keep = sh`mkdir -p /run/rolecall && starts >${mark} || exit 1`
    const seen = have.from === undefined ? have.last : `${have.last}, before ${have.from}`
    return {
      steps: [
        {
          summary: `wait up to ${deadline} s for ${what(condition)}${absent ? ' to be gone' : ''}`,
          sh: lines(waiting(condition, absent, deadline), ...(units.length === 0 ? [] : [startsOf(units), keep])),
          deadline: deadline + 60,
        },
      ],
      changes: [{ hidden: `seen now: ${seen}` }],
    }
  },
  advanced: {
    // It may be waited for before and after something.
    declarations: () => [],
  },
})

function what(condition: Condition): string {
  switch (condition.type) {
    case 'port':
      return `port ${condition.port} of ${condition.host}`
    case 'url':
      return condition.url
    case 'file':
      return condition.contains === undefined ? condition.path : `${condition.contains.shown} in ${condition.path}`
  }
}
