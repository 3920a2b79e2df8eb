import { posix } from 'node:path'
import type { Facts } from '../../facts.ts'
import { nearest } from '../../text/nearest.ts'
import type { PendingChange } from '../prediction/effect-log.ts'
import type { Prediction } from '../prediction/prediction.ts'
import type { PathState } from '../prediction/effect.ts'
import type { Unknown } from '../kit/kind.ts'
import { readInstall, templateOf, type Install } from './unit-install.ts'
import { isBroughtBy, leftOff, stemOf, unitsOf } from './packaged-units.ts'
import type { SystemdUnit } from './systemd-unit.ts'
import { withBehind } from './unit-behind.ts'
import { isPath } from '../kit/options/unit-name.ts'
import { withReload } from './unit-reload.ts'
import { writtenText, writtenTexts } from './unit-written.ts'
import { UNIT_DIRS } from './unit-dirs.ts'
import type { ServiceWant } from './service/want.ts'

/** Lays pending changes over what systemd said. The very same object comes back when none of them matters. */
export function predictUnit(
  want: ServiceWant,
  have: SystemdUnit,
  later: Prediction,
  facts: Facts,
): SystemdUnit | Unknown {
  if (have.init !== undefined || have.silent === true || later.empty) return have
  const come = have.load === 'not-found' ? arrival(want, have, later, facts) : moved(want, have, later, facts)
  if ('unknown' in come) return come
  const filed = withReload(withFiles(want, come, later), writtenTexts(namesOf(want.unit, come), later))
  const behind = withBehind(want, filed, writtenText(namesOf(want.unit, filed), later), later)
  if ('unknown' in behind) return behind
  const booted = later.reboot()
  const unit = booted === undefined ? behind : afterBoot(want, behind, booted.turn, later)
  const begins = have.load === 'not-found' || startedBy(want, have, later, facts) ? firstStart(want, later) : -1
  // What was changed before a restart was read by that.
  const started = namesOf(want.unit, unit).map((name) => later.units.startOrStop(name)?.turn ?? -1)
  const read = Math.max(begins, booted?.turn ?? -1, ...started)
  const changeOf = (inputs: readonly string[]) =>
    inputs
      .map((input) => (isPath(input) ? (later.paths.get(input) ?? beside(input, have, later)) : startOf(input, later)))
      .find((pending) => pending !== undefined && pending.turn > read)
  const [after, reloadAfter] = [changeOf(want.inputs), changeOf(want.reloadInputs)]
  if ((after ?? reloadAfter) === undefined || unit.active !== 'active' || want.running === false) return unit
  return {
    ...unit,
    ...(after === undefined ? {} : { after: after.from }),
    ...(reloadAfter === undefined ? {} : { reloadAfter: reloadAfter.from }),
  }
}

/** A reboot starts what is enabled with its settings of then, and ends what nothing starts at boot. */
function afterBoot(want: ServiceWant, have: SystemdUnit, turn: number, later: Prediction): SystemdUnit {
  if (
    have.load === 'not-found' ||
    namesOf(want.unit, have).some((name) => (later.units.startOrStop(name)?.turn ?? -1) > turn)
  )
    return have
  const fresh = { ...have, inputs: [], outdated: false }
  if (have.file === 'enabled') return { ...fresh, active: 'active' }
  return have.file === 'disabled' && !have.wanted ? { ...fresh, active: 'inactive' } : fresh
}

/** When a unit that comes with its package is started for the first time. What stands there before, it has read then. */
function firstStart({ unit }: ServiceWant, later: Prediction): number {
  const own = later.packages.installed().filter(({ name, asIs }) => !asIs && isBroughtBy(unit, name))
  return Math.max(-1, ...own.map(({ turn }) => turn))
}

/** What starts a unit that this one restarts after. */
function startOf(unit: string, later: Prediction): PendingChange | undefined {
  return later.units.get(unit)?.running === true ? later.units.startOrStop(unit) : undefined
}

/** A missing input counts by its directory, and that changes with whatever is put beside it. */
function beside(path: string, have: SystemdUnit, later: Prediction): PendingChange | undefined {
  return have.inputs.some((input) => input.path === path && input.gone)
    ? later.paths.get(posix.dirname(path))
    : undefined
}

/** A unit that is there: an earlier resource may have started it, or changed its file. */
function moved(want: ServiceWant, have: SystemdUnit, later: Prediction, facts: Facts): SystemdUnit {
  const { unit } = want
  if (later.packages.get(stemOf(unit))?.installed === false)
    return { ...have, load: 'not-found', active: 'inactive', file: '' }
  // Once the unit that it leads to is disabled, another name of it is gone.
  if (unit !== have.id && later.units.alias(unit)?.exists === false)
    return { ...have, id: unit, load: 'not-found', active: 'inactive', file: '' }
  const names = namesOf(unit, have)
  const pending = names.map((name) => later.units.get(name)).find(Boolean)
  // One that is only enabled, or whose files are read anew, goes on with the settings it has.
  const keepsRunning = pending !== undefined && names.every((name) => later.units.startOrStop(name) === undefined)
  const starts = keepsRunning
    ? undefined
    : (pending?.running ?? (startedBy(want, have, later, facts) ? true : undefined))
  const runs = starts === undefined ? have : { ...have, active: starts ? 'active' : 'inactive', inputs: [] }
  const reloaded = later.units.reload()?.turn ?? -1
  const changed = UNIT_DIRS.flatMap((dir) => names.flatMap((name) => [`${dir}/${name}`, `${dir}/${name}.d`])).some(
    (path) => {
      // systemd looks at when the content was written.
      const pending = later.paths.get(path)
      const isKept = pending?.state.type === 'file' && pending.state.kept === true
      return pending !== undefined && !isKept && pending.turn > reloaded
    },
  )
  const outdated = changed || (have.outdated && reloaded < 0)
  return outdated === runs.outdated ? runs : { ...runs, outdated }
}

/** What it was asked for by, its other names, and that of its file, which comes last. */
function namesOf(unit: string, { id, names }: SystemdUnit): readonly string[] {
  const own = id === '' ? unit : id
  return [...new Set([unit, ...names].filter((name) => name !== own)), own]
}

/** Whether it is enabled or masked by then, and what its file, where that is pending, says of being enabled. */
function withFiles({ unit, masked }: ServiceWant, have: SystemdUnit, later: Prediction): SystemdUnit {
  const names = namesOf(unit, have)
  const written = writtenInstall(names, later)
  const read =
    written === undefined ? have : { ...have, install: written.install, file: fileAfter(have, written.install) }
  const triggered = read.wanted || !isTriggered(unit, later) ? read : { ...read, wanted: true }
  const place = later.paths.get(`/etc/systemd/system/${unit}`)?.state
  const taken = place === undefined ? triggered : { ...triggered, inMasksPlace: inMasksPlace(place) }
  // A file in the place of the mask that is there now: the mask is gone by then, and cannot come back.
  const isUncovered = masked === true && taken.file === 'masked' && taken.inMasksPlace !== undefined
  const next = isUncovered ? { ...taken, load: 'loaded', file: 'disabled' } : taken
  if (place?.type === 'link' && place.target === '/dev/null') return { ...next, load: 'masked', file: 'masked' }
  switch (later.units.file(...names)?.state) {
    case undefined:
      return next
    case 'enabled':
      // Who enables a masked unit unmasks it first.
      return { ...next, file: 'enabled', load: next.load === 'masked' ? 'loaded' : next.load }
    case 'disabled':
      return { ...next, file: next.file === 'enabled' ? 'disabled' : next.file, linked: false }
    case 'masked':
      return { ...next, load: 'masked', file: 'masked', inMasksPlace: undefined }
    case 'unmasked':
      return next.load === 'masked' ? { ...next, load: 'loaded', file: next.linked ? 'enabled' : 'disabled' } : next
  }
}

/** A timer, socket or path unit of its name that something pending writes and starts. */
function isTriggered(unit: string, later: Prediction): boolean {
  if (!unit.endsWith('.service')) return false
  return ['timer', 'socket', 'path'].some((type) => {
    const name = `${stemOf(unit)}.${type}`
    const written = UNIT_DIRS.map((dir) => later.paths.get(`${dir}/${name}`)?.state).find(
      (state) => state?.type === 'file',
    )
    if (written?.type !== 'file' || later.units.get(name) === undefined) return false
    const other = /^\s*(?:Unit|Service)\s*=\s*(\S+)/m.exec(Buffer.from(written.content ?? []).toString('utf8'))?.[1]
    return other === undefined || other === unit
  })
}

function inMasksPlace(state: PathState): SystemdUnit['inMasksPlace'] {
  if (state.type === 'file') return state.content?.length === 0 ? undefined : 'file'
  return state.type === 'link' && state.target !== '/dev/null' ? 'link' : undefined
}

/** A file that gets an [Install] section can be enabled, and one that loses it cannot. */
function fileAfter({ file }: SystemdUnit, install: Install | undefined): string {
  if (file === 'static' && install !== undefined) return 'disabled'
  return file === 'disabled' && install === undefined ? 'static' : file
}

/** What pending unit files and drop-ins say of being enabled; undefined when none is pending, or not all of their text is known. */
function writtenInstall(
  names: readonly string[],
  later: Prediction,
): { readonly install: Install | undefined } | undefined {
  const text = writtenText(names, later)
  return text === undefined ? undefined : { install: readInstall(names.at(-1) ?? '', text) }
}

/**
 * Its unit file may belong to another package than the one with its program. When that one comes, or is configured, it starts a unit that
 * starts at boot.
 *
 * Source: Debian policy 9.3.3; deb-systemd-invoke(1p).
 */
function startedBy({ unit }: ServiceWant, have: SystemdUnit, later: Prediction, { os }: Facts): boolean {
  const canStart = os.family === 'debian' && !have.startsDenied && have.load === 'loaded' && have.file === 'enabled'
  if (!canStart || ['active', 'reloading', 'activating'].includes(have.active)) return false
  return later.packages.installed().some(({ name, asIs }) => !asIs && isBroughtBy(unit, name))
}

/** A unit that is not there: who may bring it, and in which state. */
function arrival(want: ServiceWant, have: SystemdUnit, later: Prediction, facts: Facts): SystemdUnit | Unknown {
  const come = (active: boolean, file: string): SystemdUnit => ({
    ...have,
    load: 'loaded',
    active: active ? 'active' : 'inactive',
    file,
    ...(have.cannotReload === undefined ? {} : { cannotReload: false }),
  })
  const alias = later.units.alias(want.unit)
  if (alias?.exists === true)
    return {
      ...come(later.units.get(alias.of)?.running ?? false, later.units.file(alias.of)?.state ?? 'enabled'),
      id: alias.of,
    }
  const pending = later.units.get(want.unit)
  if (pending !== undefined) return come(pending.running, 'enabled')

  for (const path of UNIT_DIRS.flatMap((dir) => [`${dir}/${want.unit}`, `${dir}/${templateOf(want.unit)}`])) {
    const state = later.paths.get(path)?.state
    if (state?.type === 'link') return come(false, 'disabled')
    if (state?.type !== 'file') continue
    const text = state.content === undefined ? '[Install]' : Buffer.from(state.content).toString('utf8')
    const hasInstall = (writtenInstall([want.unit], later) ?? { install: readInstall(want.unit, text) }).install
    return come(false, hasInstall === undefined ? 'static' : have.linked ? 'enabled' : 'disabled')
  }

  const wantsIt = want.running === true || want.enabled === true
  const packages = later.packages.installed()
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
  const another = wantsIt ? later.units.unknownAlias() : undefined
  if (another !== undefined) return { unknown: `whether ${another.of}, once it is enabled, is also named ${want.unit}` }
  const opaque = wantsIt ? later.opaque() : undefined
  return opaque ? { unknown: `whether ${opaque.from} brings the unit ${want.unit}` } : have
}
