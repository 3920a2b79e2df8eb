import { raw, sh, type Sh } from '../../sh/quote.ts'
import type { Unknown } from '../kit/kind.ts'
import type { Prediction } from '../prediction/prediction.ts'
import { isBroughtBy } from './packaged-units.ts'
import { UNIT_DIRS } from './unit-dirs.ts'
import { templateOf } from './unit-install.ts'

/** What a socket, timer or path unit starts, and what systemd has of that. It starts none of them without. */
export interface Trigger {
  readonly unit: string
  /** Its `LoadState`. */
  readonly load: string
}

const STARTS_ANOTHER = /\.(socket|timer|path)$/

/**
 * Behind `$s`, what systemctl shows of a unit: whether anything but its mask is there, and what it would start. Asked where it is to start or to be
 * enabled, and cannot be as it is.
 *
 * Source: systemd.unit(5); systemd.socket(5), `Service=`; systemd.timer(5), `Unit=`; src/core/unit.c, `unit_test_trigger_loaded`.
 */
export function probeBehind(unit: string, running: boolean): Sh {
  const names = [...new Set([unit, templateOf(unit)])]
  const files = UNIT_DIRS.flatMap((dir) => names.map((name) => `${dir}/${name}`))
  const trigger = sh`case $s in *LoadState=loaded*ActiveState=active*) ;; *Triggers=?*)
t=\${s#*Triggers=}; t=\${t%%
*}; for t in $t; do l=$(systemctl show -p LoadState -- "$t" 2>/dev/null); echo "# trigger $t \${l#LoadState=}"; done;; esac`
  return sh`case $s in *LoadState=masked*) m=1
for f in ${files} ${`/etc/init.d/${unit.replace(/\.[^.]*$/, '')}`}; do
[ ! -s "$f" ] || [ "$(readlink -f -- "$f")" = /dev/null ] || { m=; break; }; done
[ -z "$m" ] || echo '# mask-alone';; esac
${running && STARTS_ANOTHER.test(unit) ? trigger : raw(':')}`
}

/** A unit that is nothing but its mask, and what earlier changes put behind that. */
export function maskAloneLater(unit: string, later: Prediction): boolean | Unknown {
  const names = [...new Set([unit, templateOf(unit)])]
  const comes = UNIT_DIRS.flatMap((dir) => names.map((name) => later.path(`${dir}/${name}`)?.state)).some(
    (state) => state?.type === 'file' || (state?.type === 'link' && state.target !== '/dev/null'),
  )
  if (comes || later.packages().some(({ name }) => isBroughtBy(unit, name))) return false
  const opaque = later.opaque()
  return opaque === undefined ? true : { unknown: `whether ${opaque.from} brings the unit ${unit}` }
}

/**
 * What it will start. `text`: its own file, where that is pending. `others`: units of the host, where it was asked for these. Undefined where
 * nobody can tell.
 */
export function triggerLater(
  unit: string,
  have: { readonly trigger?: Trigger | undefined; readonly others: readonly string[] },
  text: string | undefined,
  later: Prediction,
): Trigger | Unknown | undefined {
  if (!STARTS_ANOTHER.test(unit)) return undefined
  const seen = text === undefined ? have.trigger : triggerOf(unit, text, have)
  if (seen === undefined) return undefined
  const { unit: other, load } = seen
  if (later.unitFile(other)?.state === 'masked') return { unit: other, load: 'masked' }
  if (load === 'loaded') return seen
  if (load === 'masked' && later.unitFile(other)?.state === 'unmasked') return { unit: other, load: 'loaded' }
  const names = [other, templateOf(other)]
  const comes =
    UNIT_DIRS.some((dir) => names.some((name) => later.path(`${dir}/${name}`)?.state.type === 'file')) ||
    later.unit(other) !== undefined ||
    later.unitAlias(other)?.exists === true ||
    later.packages().some(({ name }) => isBroughtBy(other, name))
  if (comes) return { unit: other, load: 'loaded' }
  const opaque = later.opaque() ?? later.unitAliases()
  return opaque === undefined ? seen : { unknown: `whether ${opaque.from} brings the unit ${other}` }
}

function triggerOf(
  unit: string,
  text: string,
  { trigger, others }: { readonly trigger?: Trigger | undefined; readonly others: readonly string[] },
): Trigger | undefined {
  // A socket that accepts starts instances.
  if (/^\s*Accept\s*=\s*(yes|true|on|1)\s*$/im.test(text)) return undefined
  const key = unit.endsWith('.socket') ? 'Service' : 'Unit'
  const named = [...text.matchAll(new RegExp(`^\\s*${key}\\s*=[ \\t]*(\\S+)`, 'gm'))].at(-1)?.[1]
  // A specifier is about the name of the unit itself, mostly.
  if (named?.includes('%') === true) return undefined
  const other = named ?? unit.replace(STARTS_ANOTHER, '.service')
  if (trigger?.unit === other) return trigger
  if (others.length === 0) return undefined
  const isThere = others.includes(other) || others.includes(templateOf(other))
  return { unit: other, load: isThere ? 'loaded' : 'not-found' }
}
