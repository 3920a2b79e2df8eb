import { sh } from '../../sh/quote.ts'
import { withDeadline } from '../kit/options/deadline.ts'
import type { Resource, Step } from '../kit/kind.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'
import { flag, oneOf, seconds, text } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { toolKind } from '../kit/tool-kind.ts'

export interface SnapOptions {
  /** `stable`, `latest/edge`, `22/stable`. Default: what it follows, and for a new one the default of the store. */
  readonly channel?: string
  /** Without confinement. It counts only when it is installed. Default false. */
  readonly classic?: boolean
  /** Updates by itself are held back. Default: as it is. */
  readonly hold?: boolean
  readonly state?: 'present' | 'absent'
  /** Seconds that each step may take. Default 600. */
  readonly deadline?: number
}

export interface SnapWant extends Omit<SnapOptions, 'state'> {
  readonly snap: string
  readonly state: 'present' | 'absent'
}

interface State {
  readonly isThere: boolean
  readonly channel: string | undefined
  readonly isHeld: boolean
}

/**
 * A snap, from the store that snapd of the host asks.
 *
 * @example
 * snap('lxd', { channel: '5.21/stable', hold: true })
 * snap('go', { classic: true })
 *
 * Refused: a host without snap; a snapd that does not run.
 *
 * Source: snap(8).
 */
export function snap(name: string, options: SnapOptions = {}): Resource {
  const { name: own, options: given } = read(name, options)
  return make(own, { snap: own, ...given, state: given.state ?? 'present' })
}

const read = resourceOptions<SnapOptions>()(
  'snap',
  (given) => {
    if (typeof given === 'string' && /^[a-z0-9][a-z0-9-]*(_[a-z0-9]+)?$/.test(given)) return given
    throw invalidOption('snap', 'the name of a snap', describeValue(given))
  },
  () => ({
    channel: text('a channel, such as "latest/stable"', /^[\w.-]+(\/[\w.-]+){0,2}$/).optional(),
    classic: flag().optional(),
    hold: flag().optional(),
    state: oneOf(['present', 'absent']).optional(),
    deadline: seconds().optional(),
  }),
  (options) =>
    options.state === 'absent' ? leftOut(['channel', 'classic', 'hold'], 'with state: absent', options) : [],
)

const make = toolKind<SnapWant, State>({
  name: 'snap',
  tool: () => ({ program: 'snap', broughtBy: /^snapd$/, hint: 'snapd', unit: 'snapd.socket' }),
  probe: ({
    snap: name,
  }) => sh`said=$(snap list --color=never --unicode=never 2>&1) || case $said in *'No snaps are installed'*) exit 0;; *) echo "# silent $said"; exit 0;; esac
printf '%s\\n' "$said" | awk -v n=${name} '$1 == n { print "there " $4 " " $6 }'`,
  read(_, { lines }) {
    const [, channel, notes = ''] = lines.find((line) => line.startsWith('there '))?.split(' ') ?? []
    return { isThere: channel !== undefined, channel, isHeld: notes.split(',').includes('held') }
  },
  fresh: () => ({ isThere: false, channel: undefined, isHeld: false }),
  isAbsence: ({ state }) => state === 'absent',
  plan: (want, have) => withDeadline(planned(want, have), want.deadline),
  advanced: { parallelProbe: true },
})

function planned({ snap: name, channel, classic = false, hold, state }: SnapWant, have: State): Step[] {
  if (state === 'absent')
    return have.isThere ? [{ summary: `remove the snap ${name}`, sh: sh`snap remove ${name}` }] : []
  const words = channel === undefined ? [] : [`--channel=${channel}`]
  const from = channel === undefined ? '' : ` from ${channel}`
  const isHeld = have.isThere && have.isHeld
  return [
    ...(have.isThere
      ? channel === undefined || isChannel(channel, have.channel)
        ? []
        : [
            {
              summary: `let the snap ${name} follow ${channel} (was ${have.channel ?? 'none'})`,
              sh: sh`snap refresh ${words} ${name}`,
            },
          ]
      : [
          {
            summary: `install the snap ${name}${from}`,
            sh: sh`snap install ${words} ${classic ? ['--classic'] : []} ${name}`,
          },
        ]),
    ...(hold === undefined || hold === isHeld
      ? []
      : [
          {
            summary: `${hold ? 'hold back updates' : 'let updates through'} of the snap ${name}`,
            sh: sh`snap refresh ${hold ? '--hold' : '--unhold'} ${name}`,
          },
        ]),
  ]
}

/** `stable` and `latest/stable` are the same; `snap list` writes an ellipsis for what has no room. */
function isChannel(wanted: string, have: string | undefined): boolean {
  const whole = (name: string) =>
    /^(stable|candidate|beta|edge)$/.test(name) ? `latest/${name}` : /\//.test(name) ? name : `${name}/stable`
  if (have === undefined) return false
  return have.includes('\u2026') || have.includes('...')
    ? whole(wanted).startsWith(have.replace(/(\u2026|\.\.\.).*/, ''))
    : whole(wanted) === whole(have)
}
