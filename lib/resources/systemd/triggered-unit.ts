import { raw, sh, type Sh } from '../../sh/quote.ts'
import type { Unknown } from '../kit/kind.ts'
import type { Prediction } from '../prediction/prediction.ts'
import { isBroughtBy } from './packaged-units.ts'
import { UNIT_DIRS } from './unit-dirs.ts'
import { templateOf } from './unit-install.ts'
import type { SystemdUnit } from './service/systemd-unit.ts'
import type { ServiceWant } from './service/want.ts'
import type { Needed } from './service/systemd-unit.ts'

export type { Needed } from './service/systemd-unit.ts'

const STARTS_ANOTHER = /\.(socket|timer|path)$/

/**
 * After `$s`, the output of systemctl for a unit: whether anything but its mask is there, and what it would start. Asked where it is to start or to be
 * enabled, and cannot be as it is.
 *
 * Source: systemd.unit(5); systemd.socket(5), `Service=`; systemd.timer(5), `Unit=`; src/core/unit.c, `unit_test_trigger_loaded`.
 */
export function probeTriggered(unit: string, running: boolean): Sh {
  const names = [...new Set([unit, templateOf(unit)])]
  const files = UNIT_DIRS.flatMap((dir) => names.map((name) => `${dir}/${name}`))
  // All of them at once. Slices, targets and mounts systemd makes by itself; names with other signs in them are quoted here, and left out.
  const needed = sh`case $s in *ActiveState=active*) ;; *)
set --; for t in Triggers Requires BindsTo Requisite; do
case $s in *"$t=?"*) ;; *"$t="*) l=\${s#*"$t"=}; l=\${l%%
*}; for l in $l; do case $l in *[!A-Za-z0-9:_.@-]*) ;; *.service | *.socket | *.timer | *.path) set -- "$@" "$l";; esac; done;; esac; done
[ $# = 0 ] || systemctl show -p Id -p LoadState -- "$@" 2>/dev/null | awk -F= '$1 == "Id" { i = $2 } $1 == "LoadState" { l = $2 }
i != "" && l != "" { print "# needs " i " " l; i = l = "" }';; esac`
  return sh`case $s in *LoadState=masked*) m=1
for f in ${files} ${`/etc/init.d/${unit.replace(/\.[^.]*$/, '')}`}; do
[ ! -s "$f" ] || [ "$f" -ef /dev/null ] || { m=; break; }; done
[ -z "$m" ] || echo '# mask-alone';; esac
${running ? needed : raw(':')}`
}

/**
 * Services that are not down. systemd opens no socket while the service that it starts is running: the service would not get it.
 *
 * Source: src/core/socket.c, `socket_start`: "already active, refusing".
 */
export const listBusy: Sh = sh`systemctl list-units --no-pager --no-legend --plain --type=service --state=active,reloading,activating,deactivating 2>/dev/null |
awk '$4 != "auto-restart" { print "# busy " $1 }'`

/** The services that a socket starts, and which of them are not down by then. `text`: its own file, where that is pending. */
function triggeredLater(
  unit: string,
  have: Pick<SystemdUnit, 'triggers' | 'busy'>,
  text: string | undefined,
  prediction: Prediction,
): Pick<SystemdUnit, 'triggers' | 'busy'> | Unknown | undefined {
  const triggers = text === undefined ? have.triggers : triggeredIn(unit, text)
  const busy = triggers.filter((name) => prediction.units.get(name)?.running ?? have.busy.includes(name))
  const [seen] = busy.filter((name) => prediction.units.get(name) === undefined)
  const command = seen === undefined ? undefined : prediction.command()
  if (command !== undefined)
    return { unknown: `whether ${command.from} stops ${seen ?? ''}, which ${unit} is to start` }
  const isSame =
    triggers === have.triggers && triggers.every((name) => have.busy.includes(name) === busy.includes(name))
  return isSame ? undefined : { triggers, busy }
}

/** What a unit that is to start or to be enabled depends on: its file below a mask, and what it starts in turn. `text`: its own file, where that is pending. */
export function withTriggered(
  want: ServiceWant,
  have: SystemdUnit,
  text: string | undefined,
  prediction: Prediction,
): SystemdUnit | Unknown {
  if (want.running !== true && want.enabled !== true) return have
  const maskAlone = have.maskAlone === true ? maskAloneLater(want.unit, prediction) : have.maskAlone
  if (typeof maskAlone === 'object') return maskAlone
  const unmasked = maskAlone === have.maskAlone ? have : { ...have, maskAlone }
  const socket = want.unit.endsWith('.socket') ? triggeredLater(want.unit, unmasked, text, prediction) : undefined
  if (socket !== undefined && 'unknown' in socket) return socket
  const unit = socket === undefined ? unmasked : { ...unmasked, ...socket }
  if (want.running !== true || unit.active === 'active') return unit
  const lacking = lackingLater(want.unit, unit, text, prediction)
  if (lacking !== undefined && 'unknown' in lacking) return lacking
  if (lacking === undefined && unit.needs.every(({ load }) => load === 'loaded')) return unit
  return { ...unit, needs: lacking === undefined ? [] : [lacking] }
}

/** A unit that is only a mask, and what earlier changes put below it. */
function maskAloneLater(unit: string, prediction: Prediction): boolean | Unknown {
  const names = [...new Set([unit, templateOf(unit)])]
  const comes = UNIT_DIRS.flatMap((dir) => names.map((name) => prediction.paths.get(`${dir}/${name}`)?.state)).some(
    (state) => state?.type === 'file' || (state?.type === 'link' && state.target !== '/dev/null'),
  )
  if (comes || prediction.packages.installed().some(({ name }) => isBroughtBy(unit, name))) return false
  const bringer = prediction.bringer()
  return bringer === undefined ? true : { unknown: `whether ${bringer.from} brings the unit ${unit}` }
}

/**
 * What it needs and will not have, of all that it needs. `text`: its own file, where that is pending. `others`: units of the host, where it was asked
 * for these. Undefined where nothing is missing, as far as anybody can tell.
 */
function lackingLater(
  unit: string,
  have: Pick<SystemdUnit, 'needs' | 'others' | 'maskedOthers'>,
  text: string | undefined,
  prediction: Prediction,
): Needed | Unknown | undefined {
  const needs = text === undefined ? have.needs : neededIn(unit, text).map((name) => asSeen(name, have))
  const masked = needs.find(({ unit: other }) => prediction.units.masked(other) === true)
  if (masked !== undefined) return { unit: masked.unit, load: 'masked' }
  for (const needed of needs) {
    // Whether it has another file elsewhere nobody has asked.
    const gone = prediction.paths.get(`/etc/systemd/system/${needed.unit}`)
    if (needed.load === 'loaded' && gone?.state.type === 'absent' && !comes(needed.unit, prediction))
      return { unknown: `whether ${needed.unit}, which it needs, is still there after ${gone.from}` }
    if (needed.load === 'loaded') continue
    const { unit: other } = needed
    if (needed.load === 'masked' ? prediction.units.masked(other) === false : comes(other, prediction)) continue
    const bringer =
      needed.load === 'masked' ? prediction.command() : (prediction.bringer() ?? prediction.units.unknownAlias())
    return bringer === undefined ? needed : { unknown: `whether ${bringer.from} brings the unit ${other}` }
  }
  return undefined
}

function comes(unit: string, prediction: Prediction): boolean {
  const names = [unit, templateOf(unit)]
  return (
    UNIT_DIRS.some((dir) => names.some((name) => prediction.paths.get(`${dir}/${name}`)?.state.type === 'file')) ||
    prediction.units.get(unit) !== undefined ||
    prediction.units.alias(unit)?.exists === true ||
    prediction.packages.installed().some(({ name }) => isBroughtBy(unit, name))
  )
}

/** What was seen of a unit on the host. One that nobody has asked about is taken to be there. */
function asSeen(
  unit: string,
  { needs, others, maskedOthers = [] }: Pick<SystemdUnit, 'needs' | 'others' | 'maskedOthers'>,
): Needed {
  const seen = needs.find((each) => each.unit === unit)
  if (seen !== undefined) return seen
  if (maskedOthers.includes(unit)) return { unit, load: 'masked' }
  const isThere = others.length === 0 || others.includes(unit) || others.includes(templateOf(unit))
  return { unit, load: isThere ? 'loaded' : 'not-found' }
}

/** What the text of a unit says that it needs. A name with a specifier is left out: that is about the unit itself, mostly. */
function neededIn(unit: string, text: string): string[] {
  const all = (key: string) =>
    [...text.matchAll(new RegExp(`^\\s*${key}\\s*=[ \\t]*(.*)$`, 'gm'))].flatMap(([, words = '']) =>
      words.split(/\s+/).filter((word) => /^[\w:.@-]+\.(service|socket|timer|path|mount|target)$/.test(word)),
    )
  const required = [...all('Requires'), ...all('BindsTo'), ...all('Requisite')].filter((name) => !BUILT_IN.test(name))
  return [...triggeredIn(unit, text), ...required]
}

/** What the text of a socket, timer or path unit says that it starts. */
function triggeredIn(unit: string, text: string): string[] {
  // A socket that accepts starts instances.
  if (!STARTS_ANOTHER.test(unit) || /^\s*Accept\s*=\s*(yes|true|on|1)\s*$/im.test(text)) return []
  const key = unit.endsWith('.socket') ? 'Service' : 'Unit'
  const named = [...text.matchAll(new RegExp(`^\\s*${key}\\s*=[ \\t]*(\\S+)`, 'gm'))].at(-1)?.[1]
  if (named?.includes('%') === true) return []
  return [named ?? unit.replace(STARTS_ANOTHER, '.service')]
}

/** systemd makes mounts by fstab, and knows targets of its own, without a file that anybody could see. */
const BUILT_IN = /\.(mount|target)$/
