import { shellFunction, raw, sh, type ShellFunction, type Sh } from '../../sh/quote.ts'
import { listBusy, probeTriggered } from './triggered-unit.ts'
import { GENERATED, UNIT_DIRS } from './unit-dirs.ts'
import { isPath } from '../kit/options/unit-name.ts'
import { isTemplate, printInstall, printTakenAliases, probeTemplate, templateOf } from './unit-install.ts'

export type { SystemdUnit } from './service/systemd-unit.ts'

const properties = [
  [
    'Id',
    'Names',
    'LoadState',
    'ActiveState',
    'SubState',
    'UnitFileState',
    'Type',
    'RemainAfterExit',
    'NeedDaemonReload',
  ],
  [
    'FragmentPath',
    'DropInPaths',
    'SourcePath',
    'WantedBy',
    'RequiredBy',
    'TriggeredBy',
    'Triggers',
    'Requires',
    'BindsTo',
    'Requisite',
    'ExecMainStartTimestamp',
    'InactiveExitTimestamp',
  ],
].flat()

/** Asked where a reload may be due. */
const ofReload = ['CanReload', 'ReloadResult', 'ActiveEnterTimestamp', 'StateChangeTimestamp']

/**
 * One `systemctl show`. With `--timestamp=us+utc` (systemd 247) times have microseconds, without it seconds; TZ makes them UTC
 * in either case. Nothing here depends on the present second, so that the same host gives the same bytes.
 * With `isNeeded` a unit that is not there is a mistake, and the names of all others come along for a hint.
 *
 * When systemd has read its units last is `UnitsLoadTimestamp`; `UnitsLoadStartTimestamp`, which older ones have alone, stays that of the boot.
 *
 * A file that it cannot read may have been written in the very tick in which it was: whether reading it again would help says a new reader,
 * `systemd-analyze verify`.
 *
 * Source: systemctl(1), systemd-analyze(1), org.freedesktop.systemd1(5), sd_booted(3).
 */
export function probeUnit(unit: string, inputs: readonly string[], wanted: Wanted): ShellFunction {
  const isNeeded = wanted.running === true || wanted.enabled === true
  const showing = isTemplate(unit)
    ? sh`s=$(${probeTemplate(unit, UNIT_DIRS)})`
    : sh`s=$(show --timestamp=us+utc) || s=$(show) || { echo '# silent'; return 0; }`
  const asked = wanted.reloads === true ? [...properties, ...ofReload] : properties
  const paths = inputs.filter(isPath)
  const units = inputs.filter((input) => !isPath(input))
  const question = sh`[ -d /run/systemd/system ] || { echo "# init $(cat /proc/1/comm 2>/dev/null)"; return 0; }
show() { export TZ=UTC; exec systemctl show "$@" -p ${asked.join(',')} -- ${unit} 2>/dev/null; }
${showing}
printf '%s\\n' "$s"
case $s in *UnitFileState=generated*SourcePath=/etc/init.d/* | *SourcePath=/etc/init.d/*UnitFileState=generated*)
systemctl is-enabled -- ${unit} >/dev/null 2>&1 && echo '# init-script 1' || echo '# init-script 0';; esac
case $s in *LoadState=loaded*) ;; *)
set -- /etc/systemd/system/*.wants/${unit} /etc/systemd/system/*.requires/${unit}
for l do [ ! -L "$l" ] || { echo '# linked'; break; }; done
${wasDisabled(unit)};; esac
case $s in *UnitFileState=enabled-runtime*)
for l in /run/systemd/generator*/*.wants/${unit} /run/systemd/generator*/*.requires/${unit}; do [ ! -L "$l" ] || { echo '# generated-link'; break; }; done;; esac
case $s in *LoadState=masked*) l=\${s#*FragmentPath=}; l=\${l%%"
"*}; [ ! -e "$l" ] || [ -s "$l" ] || echo '# still-masked';; esac
case $s in *LoadState=error* | *LoadState=bad-setting*)
for d in ${UNIT_DIRS}; do [ ! -f "$d/"${unit} ] || { echo "# written $(stat -c %.9Z -- "$d/"${unit})"
case $(LC_ALL=C systemd-analyze --man=no verify "$d/"${unit} 2>&1) in *'bad unit file setting'* | *'ailed to load'* | *Refusing*) echo '# bad';; esac; break; }; done
for k in UnitsLoadTimestamp UnitsLoadStartTimestamp; do
d=$(TZ=UTC systemctl show --timestamp=us+utc -p $k 2>/dev/null); case $d in *UTC) echo "# read $d"; break;; esac; done;; esac
case $s in *LoadState=loaded*)
${listFiles(unit)};; esac
${wanted.masked === true ? masksPlace(unit) : raw(':')}
${wanted.enabled === undefined || isTemplate(unit) ? raw(':') : installOf(wanted.enabled)}
${isNeeded ? probeTriggered(unit, wanted.running === true) : raw(':')}
${wanted.running === true && unit.endsWith('.socket') ? listBusy : raw(':')}
case $s in *ActiveState=active*) ;; *)
[ ! -x /usr/sbin/policy-rc.d ] || { /usr/sbin/policy-rc.d ${unit.replace(/\.service$/, '')} start >/dev/null 2>&1; [ $? != 101 ] || echo '# starts-denied'; };; esac
case $s in *LoadState=not-found*)
${isNeeded ? listOthers : raw('')}
return 0;; esac
${paths.length === 0 ? raw(':') : probeInputs(paths, wanted.reloads === true)}
${units.length === 0 ? raw(':') : probeStarts(units)}`
  return shellFunction(
    ['s', 'l', 'd', 'm', 'indirect', 'now', 'ahead', 't', 'k', 'links', 'p', 'own', 'far', 'c', 'w', 'f', 'u'],
    question,
  )
}

/** Files of a unit: what it is read from, and in the directories of units. The one that it was read from may be gone since. */
function listFiles(unit: string): Sh {
  const names = [...new Set([unit, templateOf(unit)])]
  return sh`l=\${s#*FragmentPath=}; l=\${l%%"
"*}; [ -z "$l" ] || for m in "$l" ${UNIT_DIRS.flatMap((dir) => names.map((name) => `${dir}/${name}`))}; do
if [ -e "$m" ]; then echo "# file $m"; elif [ "$m" = "$l" ]; then echo '# file-gone'; fi; done`
}

/**
 * A Debian package that comes again leaves a unit disabled whose links were taken away: its helper has kept which it made.
 *
 * Source: deb-systemd-helper(1p), `was-enabled`; deb-systemd-invoke(1p) starts no unit that is disabled.
 */
function wasDisabled(unit: string): Sh {
  return sh`l=/var/lib/systemd/deb-systemd-helper-enabled/${unit}.dsh-also
[ ! -f "$l" ] || while IFS= read -r l; do [ -L "$l" ] || { echo '# was-disabled'; break; }; done <"$l"`
}

interface Wanted {
  readonly running?: boolean | undefined
  readonly enabled?: boolean | undefined
  readonly masked?: boolean | undefined
  /** It is to be reloaded after some of its inputs. */
  readonly reloads?: boolean | undefined
}

/** A mask is a link to /dev/null; an empty file is as good. systemctl puts one only where nothing is. */
function masksPlace(unit: string): Sh {
  return sh`m=/etc/systemd/system/${unit}
if [ -L "$m" ]; then [ "$m" -ef /dev/null ] || echo '# in-masks-place link'
elif [ -s "$m" ]; then echo '# in-masks-place file'; fi`
}

/** In a subshell, because it takes the arguments. */
function installOf(enabled: boolean): Sh {
  const states = enabled ? raw('*UnitFileState=disabled* | *UnitFileState=indirect*') : raw('*UnitFileState=enabled*')
  return sh`case $s in ${states})
( case $s in *UnitFileState=indirect*) indirect=1;; *) indirect=;; esac
set --
for k in FragmentPath DropInPaths; do l=\${s#*"$k="}; l=\${l%%"
"*}; [ "$l" = "$s" ] || set -- "$@" $l; done
${printInstall}
${enabled ? printTakenAliases : raw(':')} );; esac`
}

/** By their files: `systemctl list-unit-files` reads them all, which takes systemd 150 ms. */
const listOthers = sh`ls ${[...UNIT_DIRS, ...GENERATED]} 2>/dev/null |
sed -n 's/^[^/]*[.]\\(service\\|socket\\|timer\\|path\\|mount\\|automount\\|target\\|swap\\|slice\\|device\\)$/# unit &/p' | sort -u
ls -l /etc/systemd/system /run/systemd/system 2>/dev/null | sed -n 's|^l.* \\([^ ]*\\) -> /dev/null$|# masked-unit \\1|p'`

/**
 * The times of all inputs with one stat; one by one when some are missing. A missing one counts by the directory above it. The same stat says what time it
 * is: a process is born when it is. That may be one tick of the kernel behind the clock, so a time in the future is probed once more.
 *
 * Source: proc(5); Linux, `proc_pid_make_inode`.
 */
function probeInputs(inputs: readonly string[], reloads: boolean): Sh {
  return sh`set -- ${inputs}
links= far=; for p do [ ! -L "$p" ] || links=1; done
if own=$(stat -c '%.9Z %z' -- /proc/self/. "$@" 2>/dev/null) && { [ -z "$links" ] || far=$(stat -L -c %.9Z -- "$@" 2>/dev/null); }; then
now=\${own%%"
"*}; ahead=\${now##* }; own=\${own#*"
"}; now=\${now#* }; IFS=' :-'; set -- \${now%%.*}; unset IFS; now=$1$2$3$4$5$6
else own= now=$(date +%Y%m%d%H%M%S%z); ahead=\${now#??????????????}; now=\${now%?????}; fi
[ "$ahead" = +0000 ] || now=$(date -u +%Y%m%d%H%M%S)
for t in ExecMainStart InactiveExit ${raw(reloads ? 'StateChange' : '')}; do
d=\${s#*"$t"Timestamp=}; d=\${d%%"
"*}; d=\${d%%[.U]*}
IFS=' :-'; set -- $d; unset IFS; shift $(($# > 0)); d=\${1:-0}$2$3$4$5$6
[ "$d" -le "$now" ] || { now=$(date -u +%Y%m%d%H%M%S); [ "$d" -le "$now" ]; } || echo "# future $t"; done
echo "# ahead $ahead"
if [ -n "$own" ]; then
IFS='
'; set -f
for c in $own; do echo "# own \${c%% *}"; done; for c in \${far:-$own}; do echo "# far \${c%% *}"; done
unset IFS; set +f
else set -- ${inputs}; for p do
w=own
while ! c=$(stat -c %.9Z -- "$p" 2>/dev/null); do [ "$p" != / ] || break; p=\${p%/*}; p=\${p:-/}; w=above; done
echo "# $w $c"; f=$(stat -L -c %.9Z -- "$p" 2>/dev/null) || f=$c; echo "# far $f"
done; fi`
}

/** When each unit that this one restarts after last started. */
function probeStarts(units: readonly string[]): Sh {
  return sh`for u in ${units}; do
t=$(TZ=UTC systemctl show --timestamp=us+utc -p ExecMainStartTimestamp -- "$u" 2>/dev/null) || t=$(TZ=UTC systemctl show -p ExecMainStartTimestamp -- "$u" 2>/dev/null)
echo "# unit-start $u \${t#*=}"; done`
}
