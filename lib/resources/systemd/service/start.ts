import { lines, raw, sh, type Sh } from '../../../sh/quote.ts'
import { walk } from '../../files/path/walk.ts'
import { restoreFunctions } from './backup-before-test.ts'
import { isPath } from '../../kit/options/unit-name.ts'
import type { SystemdUnit } from '../probe-unit.ts'
import type { ServiceWant } from './want.ts'

/** A unit that had failed is looked at for 3 s after its start, every 0.3 s: what fails a second after each start would be started by each run. */
const LOOKS_AFTER_FAILURE = 10

/** All that the unit reads: what it restarts after, then what it reloads after. */
export function inputsOf({ inputs, reloadInputs }: ServiceWant): readonly string[] {
  return [...new Set([...inputs, ...reloadInputs])]
}

/**
 * Starts or restarts, and stays until it is really up. First time passes, so that the start is later than its inputs
 * on both clocks; an input from the future (the clock was set back) gets a new change time by setting the mode it has.
 */
export function bring(verb: 'start' | 'restart', name: string, want: ServiceWant, have: SystemdUnit): Sh {
  const inputs = inputsOf(want)
  return lines(
    ...oldFiles(want),
    failing(name, want),
    sh`main() { systemctl show -p MainPID -- ${name}; }`,
    ...(inputs.length === 0 ? [] : [timesApart(inputs, have)]),
    ...tested(verb, want),
    sh`began=$(date +%s)
looks=1; ! systemctl is-failed --quiet -- ${name} || looks=${LOOKS_AFTER_FAILURE}
systemctl reset-failed -- ${name} 2>/dev/null
${running(verb, name, inputs)}
systemctl ${raw(verb === 'start' && inputs.length > 0 ? '"$how"' : verb)} -- ${name} || fail ${`${name} did not ${verb}`}
case $looks:$(systemctl show -p Type -- ${name}) in 1:Type=simple|1:Type=exec|1:Type=idle|${raw(String(LOOKS_AFTER_FAILURE))}:*)
m=$(main)
while [ $looks -gt 0 ]; do looks=$((looks-1)); sleep 0.3 2>/dev/null || sleep 1
[ "$m" = "$(main)" ] || fail ${`${name} ended right after its ${verb}`}; done;; esac
systemctl is-active --quiet -- ${name} || fail ${`${name} is not active after its ${verb}`}`,
    ...(verb === 'restart' ? [followers(name)] : []),
    ...forgetOld(want),
  )
}

/**
 * A package's scripts may start the unit between the plan and its step, before all of its inputs are as they will be: then its start is a restart,
 * so that it has read them.
 */
function running(verb: 'start' | 'restart', name: string, inputs: readonly string[]): Sh {
  if (verb === 'restart' || inputs.length === 0) return raw(':')
  return sh`how=start; ! systemctl is-active --quiet -- ${name} || how=restart`
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

/**
 * Stops, and keeps when: systemd forgets a unit that is down and that nothing names, with the time of its stop. `waitFor` with `againAfter` looks there.
 *
 * Source: systemctl(1), `stop`; proc(5), `uptime`: hundredths of a second.
 */
export function stop(name: string, { unit }: ServiceWant): Sh {
  return sh`systemctl stop -- ${name} || exit
if mkdir -p /run/rolecall && read -r up _ </proc/uptime; then
for f in ${[...new Set([name, unit])].map(stoppedAt)}; do echo "\${up%.*}\${up#*.}0000" >"$f"; done; fi 2>/dev/null; :`
}

/** Where the moment of the last stop of a unit is kept, in microseconds from the boot on. */
export function stoppedAt(unit: string): string {
  return `/run/rolecall/stopped-${unit}`
}

/** Reloads, once its test has passed. A unit that is not active afterwards has not reloaded. */
export function reload(name: string, want: ServiceWant, have: SystemdUnit): Sh {
  return lines(
    ...oldFiles(want),
    failing(name, want),
    timesApart(inputsOf(want), have),
    ...tested('reload', want),
    sh`began=$(date +%s)
systemctl reload -- ${name} || fail ${`${name} did not reload`}
systemctl is-active --quiet -- ${name} || fail ${`${name} is not active after its reload`}`,
    ...forgetOld(want),
  )
}

/** Defines `fail`. A unit that its test has let pass, and that does not start all the same, starts with its old files. */
function failing(name: string, { test }: ServiceWant): Sh {
  const again = test === undefined ? raw(':') : sh`! put_back || systemctl restart -- ${name}`
  return sh`fail() { echo "$1" >&2; systemctl status --no-pager --full --lines=0 -- ${name} >&2; journalctl --no-pager -q -n 20 -o cat --since "@$began" -u ${name} >&2; ${again}; exit 1; }`
}

function oldFiles({ unit, test }: ServiceWant): readonly Sh[] {
  return test === undefined ? [] : [restoreFunctions(unit)]
}

function forgetOld({ test }: ServiceWant): readonly Sh[] {
  return test === undefined ? [] : [raw('forget_old')]
}

/** A test that fails keeps the unit as it is, and puts back what has changed since it was last tested. */
function tested(verb: string, { unit, test }: ServiceWant): readonly Sh[] {
  if (test === undefined) return []
  return [
    sh`said=$( (\n${test}\n) </dev/null 2>&1 ) || { r=$?; [ -z "$said" ] || printf '%s\\n' "$said" >&2
echo ${`the test before the ${verb} of ${unit} fails`}" (exit $r): "${test.shown} >&2
put_back || echo 'no file was put back: the resources that change them are in another ensure than this service, or before its last test' >&2
exit 1; }`,
  ]
}

/**
 * Lets time pass, so that the start is later than its inputs on both clocks; an input from the future (the clock was set back) gets a new change time
 * by setting the mode it has.
 */
function timesApart(triggers: readonly string[], have: SystemdUnit): Sh {
  const inputs = triggers.filter(isPath)
  const coarse = have.inputs.some(({ changed }) => changed.nanos === undefined) || have.started?.nanos === undefined
  return sh`path_me=$(id -u)
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
}
