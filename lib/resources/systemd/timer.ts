import { invalidOption } from '../kit/options/invalid-option.ts'
import { z } from 'zod'
import { absent } from '../files/absent.ts'
import type { Resource } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { account, flag, list, path, record, text } from '../kit/options/option-types.ts'
import { oneOf } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { service } from './service.ts'
import { unit } from './unit.ts'

export interface TimerOptions {
  /** A command line as systemd has it: the program with its whole path, no shell. */
  readonly command?: string
  /** When: `daily`, `Mon *-*-* 03:00`, several in a list. */
  readonly calendar?: string | readonly string[]
  /** How long after the boot, and after it last ran: `15min`, `1h 30s`. */
  readonly afterBoot?: string
  readonly every?: string
  /** How much later at most, by chance: `10min`. */
  readonly randomDelay?: string
  /** A run that was missed while the host was down is made up for. Default false. */
  readonly persistent?: boolean
  readonly description?: string
  readonly user?: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly state?: 'present' | 'absent'
}

/**
 * A command at certain times: a oneshot service, a timer with its name that starts it, and the timer running and enabled. Three resources; with
 * `state: 'absent'` they stop and go.
 *
 * `calendar`, or `afterBoot` and `every`, say when: systemd.time(7) has the forms, and `systemd-analyze calendar` tries one. What it prints is in
 * the journal of NAME.service. Where the host has `systemd-analyze`, both files are verified before they are written.
 *
 * @example
 * await ensure(...timer('backup', { command: '/usr/local/bin/backup /srv', calendar: '*-*-* 02:30', randomDelay: '15min', persistent: true }))
 * await ensure(...timer('old', { state: 'absent' }))
 *
 * Source: systemd.timer(5), systemd.service(5), systemd.time(7).
 */
export function timer(name: string, options: TimerOptions): readonly Resource[] {
  const { name: stem, options: given } = read(name, options)
  const paths = [`/etc/systemd/system/${stem}.timer`, `/etc/systemd/system/${stem}.service`]
  if (given.state === 'absent')
    return [service(`${stem}.timer`, { running: false, enabled: false }), ...paths.map((each) => absent(each))]
  const { command = '', calendar, afterBoot, every, randomDelay, persistent, user, cwd, env = {} } = given
  const description = given.description ?? stem
  const job = unit(`${stem}.service`, {
    sections: {
      Unit: { Description: description },
      Service: {
        Type: 'oneshot',
        ExecStart: command,
        User: user,
        WorkingDirectory: cwd,
        Environment: Object.entries(env).map(
          ([key, value]) => `"${key}=${value.replaceAll(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`,
        ),
      },
    },
  })
  const clock = unit(`${stem}.timer`, {
    sections: {
      Unit: { Description: `${description} (timer)` },
      Timer: {
        OnCalendar: calendar,
        OnBootSec: afterBoot,
        OnUnitActiveSec: every,
        RandomizedDelaySec: randomDelay,
        Persistent: persistent,
      },
      Install: { WantedBy: 'timers.target' },
    },
  })
  return [job, clock, service(`${stem}.timer`, { running: true, enabled: true, restartedAfter: [clock] })]
}

const span = (of: string) => text(`${of}, such as 15min or 1h 30s`, /^\d[\w. ]*$/)

const read = resourceOptions<TimerOptions>()(
  'timer',
  (given) => {
    if (typeof given === 'string' && /^[\w:][\w:-]*$/.test(given)) return given
    throw invalidOption('name of timer', 'a name without .timer', describeValue(given))
  },
  () => ({
    command: text('a command line that begins with the path of a program', /^[-@:+!]*\/[^\r\n\0]*$/).optional(),
    calendar: z
      .union([calendarEvent(), list('a list of times', calendarEvent())], {
        error: 'a time such as daily or Mon *-*-* 03:00',
      })
      .optional(),
    afterBoot: span('a time').optional(),
    every: span('a time').optional(),
    randomDelay: span('a time').optional(),
    persistent: flag().optional(),
    description: text('a text of one line', /^[^\r\n\0]+$/).optional(),
    user: account().optional(),
    cwd: path().optional(),
    env: record('names and values of variables', text('a text of one line', /^[^\r\n\0]*$/)).optional(),
    state: oneOf(['present', 'absent']).optional(),
  }),
  ({ state, every, persistent }, given) => [
    state === 'absent' || given.has('command') ? undefined : { what: 'command', expected: 'given', got: 'nothing' },
    state === 'absent' || given.has('calendar') || given.has('afterBoot')
      ? undefined
      : {
          expected: 'given calendar or afterBoot',
          got: every === undefined ? 'neither' : 'every alone, which never begins',
        },
    persistent === true && !given.has('calendar')
      ? { what: 'persistent', expected: 'left out without calendar', got: 'true' }
      : undefined,
  ],
)

const calendarEvent = () => text('a time such as daily or Mon *-*-* 03:00', /^[\w*][\w*:.,/ ~-]*$/)
