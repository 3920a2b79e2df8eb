import type { Facts } from '../../facts.ts'
import { nearest } from '../../text/nearest.ts'
import type { Unknown } from '../kit/kind.ts'
import type { Prediction } from '../prediction/prediction.ts'
import { isBroughtBy, leftOff, stemOf, unitsOf } from './packaged-units.ts'
import type { ServiceWant } from './service/want.ts'
import type { SystemdUnit } from './probe-unit.ts'
import { UNIT_DIRS } from './unit-dirs.ts'
import { readInstall, templateOf } from './unit-install.ts'
import { pendingInstall } from './pending-unit-files.ts'

/** A unit that does not exist yet: which pending change brings it, and in which state. */
export function pendingUnit(
  want: ServiceWant,
  have: SystemdUnit,
  prediction: Prediction,
  facts: Facts,
): SystemdUnit | Unknown {
  const come = (active: boolean, file: string): SystemdUnit => ({
    ...have,
    load: 'loaded',
    active: active ? 'active' : 'inactive',
    file,
    ...(have.cannotReload === undefined ? {} : { cannotReload: false }),
  })
  const alias = prediction.units.alias(want.unit)
  if (alias?.exists === true)
    return {
      ...come(prediction.units.get(alias.of)?.running ?? false, prediction.units.file(alias.of)?.state ?? 'enabled'),
      id: alias.of,
    }
  const pending = prediction.units.get(want.unit)
  if (pending !== undefined) return come(pending.running, 'enabled')

  for (const path of UNIT_DIRS.flatMap((dir) => [`${dir}/${want.unit}`, `${dir}/${templateOf(want.unit)}`])) {
    const state = prediction.paths.get(path)?.state
    if (state?.type === 'link') return come(false, 'disabled')
    if (state?.type !== 'file') continue
    const text = state.content === undefined ? '[Install]' : Buffer.from(state.content).toString('utf8')
    const hasInstall = (pendingInstall([want.unit], prediction) ?? { install: readInstall(want.unit, text) }).install
    return come(false, hasInstall === undefined ? 'static' : have.linked ? 'enabled' : 'disabled')
  }

  const wantsIt = want.running === true || want.enabled === true
  const packages = prediction.packages.installed()
  if (packages.some(({ name }) => isBroughtBy(want.unit, name))) {
    // Debian policy 9.3.3: a package starts and enables its service. Elsewhere presets say, and they mostly say no.
    const debian = facts.os.family === 'debian'
    const off = debian ? leftOff(want.unit) : undefined
    if (off !== undefined && !have.linked) return come(false, off)
    const enabled = debian ? have.wasDisabled !== true : have.linked
    return come(debian && enabled && !have.startsDenied, enabled ? 'enabled' : 'disabled')
  }
  if (wantsIt && packages.length > 0) {
    const [near] = nearest(
      stemOf(want.unit),
      packages.flatMap(({ name }) => unitsOf(name)),
    )
    const hint = near === undefined ? '' : `; did you mean "${near}"?`
    const [first] = packages
    return { unknown: `whether ${first?.from ?? 'a package'} brings the unit ${want.unit}${hint}` }
  }
  const another = wantsIt ? prediction.units.unknownAlias() : undefined
  if (another !== undefined) return { unknown: `whether ${another.of}, once it is enabled, is also named ${want.unit}` }
  const bringer = wantsIt ? prediction.bringer() : undefined
  return bringer ? { unknown: `whether ${bringer.from} brings the unit ${want.unit}` } : have
}
