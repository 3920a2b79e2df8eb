import { sh, type Sh } from '../../../sh/quote.ts'
import { asUser } from '../../commands/as-user.ts'
import { withDeadline } from '../../kit/options/deadline.ts'
import { mayBeLater, readHostTime, readTimestamp, type HostTime } from '../../kit/host-time.ts'
import { unitAfterStart } from '../service/after-start.ts'
import { kind, type Refused, type Resource, type Step, type Unknown } from '../../kit/kind.ts'
import { isPath } from '../../kit/options/unit-name.ts'
import type { Prediction } from '../../prediction/prediction.ts'

/** A unit of a user's own systemd. */
export interface UserServiceWant {
  readonly user: string
  readonly unit: string
  readonly running: boolean | undefined
  readonly enabled: boolean | undefined
  /** Paths that it must have been restarted after. */
  readonly inputs: readonly string[]
  readonly deadline: number | undefined
}

interface State {
  readonly init: boolean
  readonly user: boolean
  readonly manager: boolean
  readonly said: ReadonlyMap<string, string>
  readonly changed: ReadonlyMap<string, HostTime>
  /** Prediction: what comes before it, and after which it must restart. */
  readonly after?: string
  /** Prediction: the manager, or the unit's file, comes with this. */
  readonly comes?: string
}

const PROPERTIES = [
  'LoadState',
  'ActiveState',
  'UnitFileState',
  'Type',
  'NeedDaemonReload',
  'ExecMainStartTimestamp',
  'InactiveExitTimestamp',
]

/** What another user's systemd is asked, or told. It answers where its socket is. */
function inSession(user: string, script: Sh): Sh {
  return asUser(
    user,
    sh`export XDG_RUNTIME_DIR="/run/user/$(id -u)"
${script}`,
  )
}

/** Makes the resource of `service(name, { user })`. */
export function userService(name: string, want: UserServiceWant): Resource<UserServiceWant> {
  return make(`${name} of ${want.user}`, want)
}

const make = kind<UserServiceWant, State>({
  name: 'service',
  probe: ({ user, unit, inputs }) => sh`[ -d /run/systemd/system ] || exit 0
echo '# init'
u=$(id -u -- ${user} 2>/dev/null) || exit 0
echo '# user'
[ -S "/run/user/$u/systemd/private" ] || exit 0
echo '# manager'
${inSession(user, sh`export TZ=UTC; systemctl --user show --timestamp=us+utc -p ${PROPERTIES.join(',')} -- ${unit} 2>/dev/null || systemctl --user show -p ${PROPERTIES.join(',')} -- ${unit} 2>/dev/null`)}
for p in ${inputs}; do c=$(stat -c %.9Z -- "$p" 2>/dev/null) && echo "# changed $c $p"; done; :`,
  read(_, { lines }) {
    const said = new Map<string, string>()
    const changed = new Map<string, HostTime>()
    for (const line of lines) {
      const [, time = '', path = ''] = /^# changed (\S+) (.*)$/s.exec(line) ?? []
      const at = readHostTime(time)
      if (at !== undefined) changed.set(path, at)
      else if (/^\w+=/.test(line)) said.set(line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1))
    }
    return {
      init: lines.includes('# init'),
      user: lines.includes('# user'),
      manager: lines.includes('# manager'),
      said,
      changed,
    }
  },
  plan: (want, have) => withDeadline(refusal(want, have) ?? steps(want, have), want.deadline),
  predict,
  advanced: {
    declarations: (want) => [[`unit ${want.unit} of ${want.user}`, { ...want, deadline: undefined }]],
    afterStart: ({ user, unit, running, inputs }) =>
      running === false || (running === undefined && inputs.length === 0)
        ? undefined
        : unitAfterStart(
            unit,
            { mayEnd: running === undefined },
            { user, within: (script) => inSession(user, script) },
          ),
  },
})

function refusal({ user, unit, running, enabled }: UserServiceWant, have: State): Refused | undefined {
  if (!have.init) return { refused: 'services need systemd, and the init of this host is another' }
  const isNeeded = running === true || enabled === true
  if (have.comes !== undefined || !isNeeded) return undefined
  if (!have.user) return { refused: `there is no user ${user}`, hint: `put user('${user}') before this resource` }
  if (!have.manager)
    return { refused: `the systemd of ${user} does not run`, hint: `put linger('${user}') before this resource` }
  const load = have.said.get('LoadState')
  if (load === undefined)
    return {
      refused: `the systemd of ${user} does not answer about ${unit}`,
      hint: `systemctl --user show ${unit}, as ${user}`,
    }
  if (load === 'not-found')
    return {
      refused: `${user} has no unit ${unit}`,
      hint: `put unit('${unit}', { scope: 'user' }) before this resource`,
    }
  if (load === 'masked')
    return { refused: `${unit} of ${user} is masked`, hint: `systemctl --user unmask ${unit}, as ${user}` }
  if (load !== 'loaded' && have.said.get('NeedDaemonReload') !== 'yes')
    return {
      refused: `systemd cannot read ${unit} of ${user} (${load})`,
      hint: `systemd-analyze --user verify ${unit}`,
    }
  const file = have.said.get('UnitFileState')
  if (enabled === true && (file === 'static' || file === 'transient'))
    return {
      refused: `${unit} of ${user} cannot be enabled: it has no [Install] section`,
      hint: 'set WantedBy: default.target there',
    }
  return undefined
}

function steps({ user, unit, running, enabled, inputs }: UserServiceWant, have: State): Step[] {
  const get = (key: string) => have.said.get(key) ?? ''
  const short = `${unit.replace(/\.service$/, '')} of ${user}`
  const step = (summary: string, script: Sh): Step => ({ summary, sh: inSession(user, script) })
  const isThere = have.comes !== undefined || (have.manager && get('LoadState') !== 'not-found')
  if (!isThere) return []
  const isActive = ['active', 'reloading'].includes(get('ActiveState'))
  const isEnabled = ['enabled', 'alias', 'linked', 'generated', 'indirect'].includes(get('UnitFileState'))
  const reason = isActive && running !== false ? restartReason(inputs, have) : undefined
  return [
    ...(get('NeedDaemonReload') === 'yes'
      ? [step(`make the systemd of ${user} reload its units`, sh`systemctl --user daemon-reload`)]
      : []),
    ...(enabled === true && !isEnabled ? [step(`enable ${short}`, sh`systemctl --user -q enable -- ${unit}`)] : []),
    ...(enabled === false && isEnabled ? [step(`disable ${short}`, sh`systemctl --user -q disable -- ${unit}`)] : []),
    ...(running === true && !isActive ? [step(`start ${short}`, bring('start', unit))] : []),
    ...(running === false && (isActive || get('ActiveState') === 'activating')
      ? [step(`stop ${short}`, sh`systemctl --user stop -- ${unit}`)]
      : []),
    ...(reason === undefined ? [] : [step(`restart ${short} (${reason})`, bring('restart', unit))]),
  ]
}

/** A service of type simple that ends at once has not started. A second passes first, so that the start is later than what it reads. */
function bring(verb: 'start' | 'restart', unit: string): Sh {
  return sh`sleep 0.1 2>/dev/null || sleep 1
systemctl --user reset-failed -- ${unit} 2>/dev/null
systemctl --user ${verb} -- ${unit} && { sleep 0.3 2>/dev/null || sleep 1; } && systemctl --user is-active -q -- ${unit} ||
{ r=$?; systemctl --user status --no-pager --full --lines=20 -- ${unit} >&2; exit "$r"; }`
}

function restartReason(inputs: readonly string[], have: State): string | undefined {
  if (have.after !== undefined) return `after ${have.after}`
  const isSlow = ['forking', 'oneshot'].includes(have.said.get('Type') ?? '')
  const begun = isSlow ? 'InactiveExitTimestamp' : 'ExecMainStartTimestamp'
  const started =
    readTimestamp(have.said.get(begun) ?? '') ?? readTimestamp(have.said.get('InactiveExitTimestamp') ?? '')
  if (started === undefined) return undefined
  const late = inputs.find((path) => {
    const at = have.changed.get(path)
    return at !== undefined && mayBeLater(at, started)
  })
  return late === undefined ? undefined : `${late} changed after it started`
}

function predict({ user, unit, inputs }: UserServiceWant, have: State, prediction: Prediction): State | Unknown {
  if (prediction.empty) return have
  const manager = prediction.objects.get('user manager', user)
  const file = prediction.paths.get(`/etc/systemd/user/${unit}`)
  const isMissing = !have.manager || have.said.get('LoadState') === 'not-found'
  const comes =
    isMissing &&
    (have.manager || manager?.exists === true) &&
    (file !== undefined || (!have.manager && manager !== undefined))
      ? (file ?? manager)?.from
      : undefined
  if (comes !== undefined) return { ...have, comes }
  const change = inputs
    .filter(isPath)
    .map((path) => prediction.paths.get(path))
    .find((pending) => pending !== undefined)
  if (change !== undefined) return { ...have, after: change.from }
  const bringer = isMissing ? prediction.bringer() : undefined
  return bringer === undefined ? have : { unknown: `whether ${bringer.from} brings ${unit} of ${user}` }
}
