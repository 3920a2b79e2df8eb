import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { walk } from '../files/path/walk.ts'
import { kind, type Resource, type Step } from '../kit/kind.ts'
import { flag, isAbsolute, list, value } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { absolute, wrong } from '../files/path/path.ts'
import { isResource } from '../kit/resource.ts'
import { isRunning, serviceEffects, type UnitAction } from './service-effects.ts'
import { isMasked, refusal } from './service-refusal.ts'
import { describeValue } from '../kit/options/describe-value.ts'
import { mayBeLater, newest, formatPair } from '../kit/host-time.ts'
import { predictUnit } from './unit-prediction.ts'
import { isTemplate } from './unit-install.ts'
import { probeUnit, readUnit, type SystemdUnit } from './systemd-unit.ts'

export interface ServiceOptions {
  readonly running?: boolean
  readonly enabled?: boolean
  readonly masked?: boolean
  readonly restartedAfter?: readonly (Resource | string)[]
}

export interface ServiceWant {
  readonly unit: string
  readonly running?: boolean | undefined
  readonly enabled?: boolean | undefined
  readonly masked?: boolean | undefined
  readonly inputs: readonly string[]
}

/**
 * A systemd unit: whether it runs, starts at boot, may be started at all, and what it must have been restarted after.
 * What is left out is not managed. A unit without a suffix is a service.
 *
 * - `running`: started (after `reset-failed` where it failed) or stopped. A `simple` service must live for 0.3 s.
 * - `enabled`: starts at boot. A unit without an [Install] section counts as enabled when another unit wants it, and is refused
 *   when none does; `alias` counts as enabled, and so does a unit with nothing but Also= when what that names is. An init script is asked through systemd.
 * - `masked`: cannot be started by anyone. A masked unit that is to run or to be enabled is unmasked.
 * - `restartedAfter`: resources or paths. A restart is due when one of them changed (its ctime) after the unit's main
 *   process started. Both times are read from the host, so a restart cannot be lost, whoever made the change and whatever
 *   happened since. A path that is gone counts by its directory. A service that is not running is not restarted for it.
 *   Do not name what the service itself writes.
 *
 * Where clocks know only seconds, or were set back, one restart too many is made rather than one too few.
 * Units that require this one restart with it, and the step lasts until they have.
 * `systemctl daemon-reload` comes first when the unit file changed. A unit that is not there and is only to be stopped
 * or disabled is as wanted. When a start fails, the error carries the unit's status and its last 20 lines of journal.
 *
 * Prediction: a unit that is missing while a package is pending is taken to come with it: running and enabled on the
 * Debian family (unless policy-rc.d forbids it), stopped and disabled elsewhere. While only a command is pending it is unknown.
 * A pending change to something in `restartedAfter` is a pending restart; when it is unknown, so is the restart. The package
 * that brings a unit is known by its name (nginx, docker.io, bind9); a unit that goes with none of those to come is unknown.
 *
 * Refused: an init other than systemd; a unit that is not there, or that systemd cannot read; running a oneshot that ends by itself, or a template;
 * masking a unit whose file is in /etc/systemd/system, where the link of a mask would be.
 *
 * @example
 * service('named', { running: true, enabled: true, restartedAfter: [conf, '/etc/bind/rndc.key'] })
 * service('firewalld', { running: false, enabled: false })
 * service('apt-daily.timer', { masked: true })
 *
 * Source: systemctl(1), systemd.unit(5), systemd.service(5), org.freedesktop.systemd1(5), stat(2), Debian policy 9.3.
 */
export function service(unit: string, options: ServiceOptions): Resource<ServiceWant> {
  const { options: given } = read(unit, options)
  const full = unitNamed(unit)
  const { running, enabled, masked, restartedAfter = [] } = given
  const inputs = restartedAfter.flatMap((input) =>
    typeof input === 'string' ? [absolute('restartedAfter', input)] : input.paths,
  )
  return make(unit, { unit: full, running, enabled, masked, inputs: [...new Set(inputs)] })
}

const read = resourceOptions<ServiceOptions>()(
  'service',
  unitName,
  () => ({
    running: flag().optional(),
    enabled: flag().optional(),
    masked: flag().optional(),
    restartedAfter: list(
      'a list of resources and absolute paths',
      value<Resource | string>('a resource or an absolute path', (given) =>
        typeof given === 'string' ? isAbsolute(given) : isResource(given),
      ),
    ).optional(),
  }),
  ({ running, enabled, masked }) => [
    masked === true && (running === true || enabled === true)
      ? { expected: 'either masked, or running or enabled', got: 'both' }
      : undefined,
  ],
)

const UNIT = /^[\w:.\\][\w:.@\\-]*$/

function unitName(given: unknown): string {
  if (typeof given === 'string' && UNIT.test(given)) return given
  throw wrong('service name', 'the name of a systemd unit', describeValue(given))
}

/** The whole name of a unit: that of a service may be written without its ending. */
export function unitNamed(given: unknown): string {
  const name = unitName(given)
  const isWhole = /\.(service|socket|timer|path|mount|automount|target|swap|slice|scope|device)$/.test(name)
  return isWhole ? name : `${name}.service`
}

/** A service, or the name of a unit, as an option of other kinds. */
export const serviceOrUnit = () =>
  value<Resource<ServiceWant> | string>('what service() gives, or the name of a systemd unit', (given) =>
    typeof given === 'string' ? UNIT.test(given) : isResource(given) && given.kind === 'service',
  )

/** A service as an option of other kinds. */
export const serviceResource = () =>
  value<Resource<ServiceWant>>('what service() gives', (given) => isResource(given) && given.kind === 'service')

const make = kind<ServiceWant, SystemdUnit>({
  name: 'service',
  probe: (want) => probeUnit(want.unit, want.inputs, want),
  read: (want, reply) => readUnit(want.inputs, reply),
  plan: (want, have) => refusal(want, have) ?? steps(want, have),
  effects: (want, have) =>
    serviceEffects(
      want,
      have,
      steps(want, have).map(({ action }) => action),
    ),
  predict(want, have, later, facts) {
    const unit = predictUnit(want, have, later, facts)
    if ('unknown' in unit || refusal(want, unit) !== undefined || steps(want, unit).length > 0) return unit
    const doubt = want.running === false ? undefined : want.inputs.map((path) => later.doubtAbout(path)).find(Boolean)
    return doubt && isRunning(unit)
      ? { unknown: `whether it must restart depends on ${doubt.from}, which is unknown` }
      : unit
  },
  advanced: { claims: (want) => [[`unit ${want.unit}`, want]], batchable: true },
})

interface UnitStep extends Step {
  readonly action: UnitAction
}

function steps(want: ServiceWant, have: SystemdUnit): UnitStep[] {
  const { unit, running, enabled, masked } = want
  const name = have.id === '' ? unit : have.id
  const short = unit.replace(/\.service$/, '')
  const step = (action: UnitAction, script: Sh, say = `${action} ${short}`): UnitStep => ({
    action,
    summary: say,
    sh: script,
  })
  if (have.load === 'not-found') return masked === true ? [step('mask', sh`systemctl mask -- ${unit}`)] : []

  const plan: UnitStep[] = []
  if (have.outdated)
    plan.push(step('reload', sh`systemctl daemon-reload`, `reload systemd (the unit file of ${short} changed)`))
  if (have.load === 'masked' && (masked === false || running === true || enabled === true)) {
    // One until the next boot may stand below one for good.
    plan.push(step('unmask', sh`systemctl unmask -- ${unit} && systemctl unmask --runtime -- ${unit}`))
  }
  if (enabled === true && !startsAtBoot(have)) plan.push(step('enable', sh`systemctl enable -- ${name}`))
  if (enabled === false && (have.initScript ?? ['enabled', 'enabled-runtime'].includes(have.file))) {
    const runtime = raw(have.file === 'enabled-runtime' ? '--runtime' : '')
    plan.push(step('disable', sh`systemctl disable ${runtime} -- ${name}`))
  }
  const reason = restartReason(have)
  if (running === true && !isRunning(have)) {
    const say = have.active === 'failed' ? `start ${short}, which failed` : `start ${short}`
    plan.push(step('start', bring('start', name, want, have), say))
  } else if (running === false && (isRunning(have) || have.active === 'activating')) {
    plan.push(step('stop', sh`systemctl stop -- ${name}`))
  } else if (running !== false && isRunning(have) && reason !== undefined) {
    plan.push(step('restart', bring('restart', name, want, have), `restart ${short} (${reason})`))
  }
  if (masked === true && !isMasked(have)) plan.push(step('mask', sh`systemctl mask -- ${unit}`))
  return plan
}

function startsAtBoot(have: SystemdUnit): boolean {
  const { file, initScript, load, linked } = have
  // Of a file that it could not read when it last looked systemd does not say.
  if (load !== 'loaded' && load !== 'masked' && linked) return true
  if (file === 'indirect') return startsThroughOthers(have)
  return initScript ?? ['enabled', 'alias', 'static', 'generated'].includes(file)
}

/** It has no link of its own: it is as wanted when what is enabled along with it is, and it has nothing else to be enabled for. */
function startsThroughOthers({ id, install, also = [] }: SystemdUnit): boolean {
  if (install === undefined) return true
  const isItself = install.wantedBy.length > 0 || install.aliases.length > 0 || isTemplate(id)
  return !isItself && also.every(([, state]) => ['enabled', 'static', 'alias', 'indirect'].includes(state))
}

function restartReason({ after, started, clockWentBack, inputs, ahead }: SystemdUnit): string | undefined {
  if (after !== undefined) return `after ${after}`
  if (inputs.length === 0 || started === undefined) return undefined
  if (clockWentBack) return 'the clock was set back since it started'
  const late = newest(inputs.filter(({ changed }) => mayBeLater(changed, started)))
  if (late === undefined) return undefined
  const [from, to] = formatPair(started, late.changed, ahead)
  return `started ${from}, ${late.path} ${late.gone ? 'or what is beside it ' : ''}changed ${to}`
}

/**
 * Starts or restarts, and stays until it is really up. First time passes, so that the start is later than its inputs
 * on both clocks; an input from the future (the clock was set back) is stamped anew by setting the mode it has.
 */
function bring(verb: 'start' | 'restart', name: string, { inputs }: ServiceWant, have: SystemdUnit): Sh {
  const coarse = have.inputs.some(({ changed }) => changed.nanos === undefined) || have.started?.nanos === undefined
  const apart = sh`path_me=$(id -u)
${walk}
now=$(date +%s)
for p in ${inputs}; do
while [ ! -e "$p" ] && [ ! -L "$p" ] && [ "$p" != / ]; do p=\${p%/*}; p=\${p:-/}; done
if [ "$(stat -c %Z -- "$p")" -gt "$now" ] && [ -L "$p" ]; then chown -h "$(stat -c %u:%g -- "$p")" "$p"; fi
if [ "$(stat -L -c %Z -- "$p")" -gt "$now" ]; then (d=\${p%/*}
path_hold "\${d:-/}" '' && if [ "$state" = 1 ] && [ "$PWD" = "$base" ]; then chmod "$(stat -L -c %a -- "$p")" "$p"
else path_look "\${p##*/}" && case $s in 8*) chmod "$(stat -L -c %a -- "$p")" "$p";; esac; fi); fi
done
${raw(coarse ? 'sleep 1' : 'sleep 0.05 2>/dev/null || sleep 1')}`
  return lines(
    sh`fail() { echo "$1" >&2; systemctl status --no-pager --full --lines=0 -- ${name} >&2; journalctl --no-pager -q -n 20 -o cat --since "@$began" -u ${name} >&2; exit 1; }
main() { systemctl show -p MainPID -- ${name}; }`,
    ...(inputs.length === 0 ? [] : [apart]),
    sh`began=$(date +%s)
systemctl reset-failed -- ${name} 2>/dev/null
systemctl ${raw(verb)} -- ${name} || fail ${`${name} did not ${verb}`}
case $(systemctl show -p Type -- ${name}) in Type=simple|Type=exec|Type=idle)
m=$(main); sleep 0.3 2>/dev/null || sleep 1
[ "$m" = "$(main)" ] || fail ${`${name} ended right after its ${verb}`};; esac
systemctl is-active --quiet -- ${name} || fail ${`${name} is not active after its ${verb}`}`,
    ...(verb === 'restart' ? [followers(name)] : []),
  )
}

/**
 * A restart takes along the units that require this one. They belong to it, so it lasts until systemd has done with them: what comes
 * next finds them as they will be.
 *
 * Source: systemd.unit(5), `Requires=`, `PartOf=`; org.freedesktop.systemd1(5), `Job`.
 */
function followers(name: string): Sh {
  return sh`along=$(echo $(systemctl show -p RequiredBy -p BoundBy -p ConsistsOf -- ${name} | sed 's/^[^=]*=//'))
while [ -n "$along" ] && systemctl show -p Job -- $along 2>/dev/null | grep -q 'Job=[1-9]'; do
sleep 0.2 2>/dev/null || sleep 1; done`
}
