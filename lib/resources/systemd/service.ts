import { raw, sh, type Sh } from '../../sh/quote.ts'
import { withDeadline } from '../kit/options/deadline.ts'
import { kind, type Plan, type Resource, type Step } from '../kit/kind.ts'
import { account, command, flag, seconds } from '../kit/options/option-types.ts'
import { leftOut, resourceOptions } from '../kit/options/options.ts'
import { isRunning, serviceEffects, type UnitAction } from './service/effects.ts'
import { isMasked, refusal } from './service/refusal.ts'
import { predictUnit } from './unit-prediction.ts'
import { reloadReason, restartReason, startsAtBoot } from './service/restart-reason.ts'
import { isPath, triggersOf, triggersOption, unitName, unitNamed } from '../kit/options/unit-name.ts'
import { unitAfterStart } from './service/after-start.ts'
import { bring, inputsOf, reload, stop } from './service/start.ts'
import { UNIT_DIRS } from './unit-dirs.ts'
import { userService } from './users/user-service.ts'
import { templateOf } from './unit-install.ts'
import { probeUnit, type SystemdUnit } from './probe-unit.ts'
import { readUnit } from './read-unit.ts'
import type { ServiceWant } from './service/want.ts'

export type { ServiceWant } from './service/want.ts'

export { serviceOrUnit, unitNamed, unitOf } from '../kit/options/unit-name.ts'

export interface ServiceOptions {
  readonly running?: boolean
  readonly enabled?: boolean
  readonly masked?: boolean
  readonly restartedAfter?: readonly (Resource | string)[]
  readonly reloadedAfter?: readonly (Resource | string)[]
  readonly test?: string | Sh
  readonly user?: string
  readonly deadline?: number
}

/**
 * A systemd unit: whether it runs, starts at boot, may be started at all, and what it must have been restarted after.
 * What is left out is not managed. A unit without a suffix is a service.
 *
 * - `running`: started (after `reset-failed` where it failed) or stopped. What a run has started, restarted or reloaded, itself or by a package just before, is looked
 *   at once more when 2 s have passed, at the end of the host's last role in the play: a service that has failed or ended by then, or that ends again
 *   and again, fails, with the last lines of its own log.
 * - `enabled`: starts at boot. A unit without an [Install] section counts as enabled when another unit wants it, and is refused
 *   when none does; `alias` counts as enabled, and so does a unit with nothing but Also= when what that names is, and one that a generator of systemd wants (`postgresql@15-main`). An init script is asked through systemd.
 * - `masked`: cannot be started by anyone. A masked unit that is to run or to be enabled is unmasked.
 * - `restartedAfter`: resources, paths, and services by resource or name. A restart is due when one of them changed (its ctime), or a service
 *   started, after the unit's main
 *   process started. Both times are read from the host, so a restart cannot be lost, whoever made the change and whatever
 *   happened since. A path that is gone counts by its directory. A service that is not running is not restarted for it.
 *   Do not name what the service itself writes.
 * - `reloadedAfter`: the same for a reload, which is due when one of them changed after the last reload, or the start. A restart that is due takes
 *   its place, and so it does where a unit has no ExecReload=. A reload that failed is made again.
 * - `test`: a command that must end with 0 before the unit starts, restarts or reloads. When it fails, the unit goes on as it is, and what resources before
 *   it in the same `ensure` have changed of its `restartedAfter` and `reloadedAfter` since its last test is put back: a broken vhost takes
 *   nothing down, and nobody finds it at the next boot. So it is when the unit does not restart although its test passed; then it is restarted once more.
 *   Directories keep what is in them, and so does a path that another account can change. Check mode runs it as well, upon the pending files, and says
 *   what it says: it changes nothing.
 * - `user`: a unit of this user's own systemd (`systemctl --user`), which must run: `linger(user)`. It takes `running`, `enabled` and paths in `restartedAfter`; its file is
 *   `unit(name, { scope: 'user' })`.
 * - `deadline`: seconds that each step, such as a start, may take, default 600.
 *
 * Where clocks know only seconds, or were set back, one restart too many is made rather than one too few.
 * Units that require this one restart with it, and the step lasts until they have.
 * `systemctl daemon-reload` comes first when the unit file changed. A unit that is not there and is only to be stopped
 * or disabled is as wanted. When a start fails, the error carries the unit's status and its last 20 lines of journal.
 *
 * Prediction: a unit that is missing while a package is pending is taken to come with it: running and enabled on the
 * Debian family (unless policy-rc.d forbids it), stopped and disabled elsewhere, and so is an instance of a template (`openvpn@office`). While only a command is pending it is unknown.
 * A pending change to something in `restartedAfter` is a pending restart; when it is unknown, so is the restart. The package
 * that brings a unit is known by its name (nginx, docker.io, bind9); a unit that goes with none of those to come is unknown.
 *
 * Refused: nothing that is wanted of it; an init other than systemd; a unit that is not there, or that systemd cannot read; running a oneshot that ends by itself, or a template;
 * a socket whose service runs already; enabling a unit where another unit, or a mask, is at the place of one of its other names (Alias=); masking a unit whose file is in /etc/systemd/system, where the link of a mask would be.
 *
 * @example
 * service('named', { running: true, enabled: true, restartedAfter: [conf, '/etc/bind/rndc.key'] })
 * service('nginx', { running: true, reloadedAfter: [site, '/etc/nginx/nginx.conf'], test: 'nginx -t' })
 * service('firewalld', { running: false, enabled: false })
 * service('apt-daily.timer', { masked: true })
 * service('app', { user: 'deploy', running: true, enabled: true })
 *
 * Source: systemctl(1), systemd.unit(5), systemd.service(5), org.freedesktop.systemd1(5), stat(2), Debian policy 9.3.
 */
export function service(unit: string, options: ServiceOptions): Resource {
  const { options: given } = read(unit, options)
  const full = unitNamed(unit)
  const { running, enabled, masked, restartedAfter = [], reloadedAfter = [], test, deadline } = given
  const inputs = triggersOf('restartedAfter', restartedAfter)
  if (given.user !== undefined)
    return userService(unit, { user: given.user, unit: full, running, enabled, inputs, deadline })
  return make(unit, {
    unit: full,
    running,
    enabled,
    masked,
    inputs,
    reloadInputs: triggersOf('reloadedAfter', reloadedAfter).filter((path) => !inputs.includes(path)),
    test: typeof test === 'string' ? raw(test) : test,
    deadline,
  })
}

const read = resourceOptions<ServiceOptions>()(
  'service',
  unitName,
  () => ({
    running: flag().optional(),
    enabled: flag().optional(),
    masked: flag().optional(),
    restartedAfter: triggersOption().optional(),
    reloadedAfter: triggersOption().optional(),
    test: command().optional(),
    user: account().optional(),
    deadline: seconds().optional(),
  }),
  (options, given) => [
    ['running', 'enabled', 'masked', 'restartedAfter', 'reloadedAfter'].every((each) => !given.has(each))
      ? {
          expected: 'given what is wanted: running, enabled, masked, restartedAfter or reloadedAfter',
          got: 'none of them',
          hint: 'one that runs now and after a boot is { running: true, enabled: true }',
        }
      : undefined,
    ...(given.has('user') ? leftOut(['masked', 'reloadedAfter', 'test'], 'with user', options) : []),
    options.masked === true && (options.running === true || options.enabled === true)
      ? { expected: 'either masked, or running or enabled', got: 'both' }
      : undefined,
    given.has('test') && !given.has('restartedAfter') && !given.has('reloadedAfter')
      ? { what: 'test', expected: 'given with restartedAfter or reloadedAfter', got: 'neither of them' }
      : undefined,
  ],
)

const make = kind<ServiceWant, SystemdUnit>({
  name: 'service',
  probe: (want) => probeUnit(want.unit, inputsOf(want), { ...want, reloads: want.reloadInputs.length > 0 }),
  read: (want, reply) => readUnit(inputsOf(want), reply),
  plan: (want, have) => withDeadline(refusal(want, have) ?? withTest(want, steps(want, have)), want.deadline),
  effects: (want, have) =>
    serviceEffects(
      want,
      have,
      steps(want, have).map(({ action }) => action),
    ),
  predict(want, have, prediction, facts) {
    const unit = predictUnit(want, have, prediction, facts)
    if ('unknown' in unit || refusal(want, unit) !== undefined || steps(want, unit).length > 0) return unit
    const doubt =
      want.running === false
        ? undefined
        : inputsOf(want)
            .map((input) => (isPath(input) ? prediction.paths.doubtAbout(input) : prediction.units.doubtAbout(input)))
            .find(Boolean)
    return doubt && isRunning(unit)
      ? {
          unknown: `whether it must ${want.inputs.length > 0 ? 'restart' : 'reload'} depends on ${doubt.from}, which is unknown`,
        }
      : unit
  },
  advanced: {
    declarations: (want) => [[`unit ${want.unit}`, { ...want, deadline: undefined }]],
    batchable: true,
    // Stopping a unit, without enabling it, may come before the removal of its files.
    follows: (want) =>
      want.running === false && want.enabled !== true
        ? []
        : [...inputsOf(want).filter(isPath), ...filesOfUnit(want.unit)],
    afterStart: ({ unit, running, inputs, reloadInputs }) =>
      !unit.endsWith('.service') ||
      running === false ||
      (running === undefined && inputs.length + reloadInputs.length === 0)
        ? undefined
        : unitAfterStart(unit, { mayEnd: running === undefined }),
    guards: ({ unit, test, inputs, reloadInputs }) =>
      test === undefined ? undefined : { unit, paths: [...inputs, ...reloadInputs].filter(isPath) },
  },
})

/** A step of the service makes systemd reload the files there. */
function filesOfUnit(unit: string): string[] {
  const names = [...new Set([unit, templateOf(unit)])]
  return UNIT_DIRS.flatMap((dir) => names.flatMap((name) => [`${dir}/${name}`, `${dir}/${name}.d`]))
}

/** Check mode asks the test, too, with the pending files in their places. */
function withTest({ unit, test }: ServiceWant, all: readonly UnitStep[]): Plan {
  const verb = all.find(({ action }) => action === 'start' || action === 'restart' || action === 'reload')?.action
  if (test === undefined || verb === undefined) return { steps: all }
  const failure = {
    why: `the test before the ${verb} of ${unit} fails`,
    hint: 'correct what the test complains of: the unit goes on as it is',
  }
  return { steps: all, validation: { sh: sh`(\n${test}\n) </dev/null`, of: 'service', failure } }
}

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
  // What has lost its file may go on until it is stopped.
  if (have.load === 'not-found')
    return [
      ...(running === false && isRunning(have) ? [step('stop', stop(name, want))] : []),
      ...(masked === true ? [step('mask', sh`systemctl mask -- ${unit}`)] : []),
    ]

  const plan: UnitStep[] = []
  if (have.outdated)
    plan.push(step('daemon-reload', sh`systemctl daemon-reload`, `reload systemd (the unit file of ${short} changed)`))
  if (have.load === 'masked' && (masked === false || running === true || enabled === true)) {
    // A mask for good may hide one until the next boot.
    plan.push(step('unmask', sh`systemctl unmask -- ${unit} && systemctl unmask --runtime -- ${unit}`))
  }
  if (enabled === true && !startsAtBoot(have)) plan.push(step('enable', sh`systemctl enable -- ${name}`))
  if (enabled === false && (have.initScript ?? ['enabled', 'enabled-runtime'].includes(have.file))) {
    const runtime = raw(have.file === 'enabled-runtime' ? '--runtime' : '')
    plan.push(step('disable', sh`systemctl disable ${runtime} -- ${name}`))
  }
  const [reason, reloads] = [restartReason(want, have), reloadReason(want, have)]
  if (running === true && !isRunning(have)) {
    const say = have.active === 'failed' ? `start ${short}, which failed` : `start ${short}`
    plan.push(step('start', bring('start', name, want, have), say))
  } else if (running === false && (isRunning(have) || have.active === 'activating')) {
    plan.push(step('stop', stop(name, want)))
  } else if (running !== false && isRunning(have) && reason !== undefined) {
    plan.push(step('restart', bring('restart', name, want, have), `restart ${short} (${reason})`))
  } else if (running !== false && isRunning(have) && reloads !== undefined) {
    plan.push(
      have.cannotReload === true
        ? step('restart', bring('restart', name, want, have), `restart ${short}, which cannot reload (${reloads})`)
        : step('reload', reload(name, want, have), `reload ${short} (${reloads})`),
    )
  }
  if (masked === true && !isMasked(have)) plan.push(step('mask', sh`systemctl mask -- ${unit}`))
  return plan
}
