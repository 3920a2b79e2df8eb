import { posix } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Facts } from '../../facts.ts'
import type { Prediction } from '../prediction/prediction.ts'
import type { PathState, PendingChange } from '../prediction/effect.ts'
import type { Unknown } from '../kit/kind.ts'
import type { Install } from './unit-install.ts'
import { isBroughtBy, stemOf } from './packaged-units.ts'
import { pendingUnit } from './pending-unit.ts'
import type { TakenAlias } from './service/systemd-unit.ts'
import type { SystemdUnit } from './probe-unit.ts'
import { withTriggered } from './triggered-unit.ts'
import { isPath } from '../kit/options/unit-name.ts'
import { withReload } from './unit-reload.ts'
import { pendingInstall, pendingUnitText, pendingUnitTexts } from './pending-unit-files.ts'
import { UNIT_DIRS } from './unit-dirs.ts'
import type { ServiceWant } from './service/want.ts'

/** Applies pending changes to the state of a unit. Returns the same object when none of them matters. */
export function predictUnit(
  want: ServiceWant,
  have: SystemdUnit,
  prediction: Prediction,
  facts: Facts,
): SystemdUnit | Unknown {
  if (have.init !== undefined || have.silent === true || prediction.empty) return have
  const come = have.load === 'not-found' ? arrived(want, have, prediction, facts) : moved(want, have, prediction, facts)
  if ('unknown' in come) return come
  const filed = withReload(withFiles(want, come, prediction), pendingUnitTexts(namesOf(want.unit, come), prediction))
  const behind = withTriggered(want, filed, pendingUnitText(namesOf(want.unit, filed), prediction), prediction)
  if ('unknown' in behind) return behind
  const booted = prediction.reboot()
  const unit = booted === undefined ? behind : afterBoot(want, behind, booted.turn, prediction)
  const begins =
    have.load === 'not-found' || startedBy(want, have, prediction, facts) ? firstStart(want, prediction) : -1
  // A restart reads all earlier changes.
  const started = namesOf(want.unit, unit).map((name) => prediction.units.startOrStop(name)?.turn ?? -1)
  const read = Math.max(begins, booted?.turn ?? -1, ...started)
  const changeOf = (inputs: readonly string[]) =>
    inputs
      .map((input) =>
        isPath(input) ? (prediction.paths.get(input) ?? beside(input, have, prediction)) : startOf(input, prediction),
      )
      .find((pending) => pending !== undefined && pending.turn > read)
  const [after, reloadAfter] = [changeOf(want.inputs), changeOf(want.reloadInputs)]
  if ((after ?? reloadAfter) === undefined || unit.active !== 'active' || want.running === false) return unit
  return {
    ...unit,
    ...(after === undefined ? {} : { after: after.from }),
    ...(reloadAfter === undefined ? {} : { reloadAfter: reloadAfter.from }),
  }
}

/** A reboot starts an enabled unit with its settings at that time, and ends a unit that nothing starts at boot. */
function afterBoot(want: ServiceWant, have: SystemdUnit, turn: number, prediction: Prediction): SystemdUnit {
  if (
    have.load === 'not-found' ||
    namesOf(want.unit, have).some((name) => (prediction.units.startOrStop(name)?.turn ?? -1) > turn)
  )
    return have
  const fresh = { ...have, inputs: [], outdated: false }
  if (have.file === 'enabled') return { ...fresh, active: 'active' }
  return have.file === 'disabled' && !have.wanted ? { ...fresh, active: 'inactive' } : fresh
}

/** The turn at which a unit that comes with its package is first started. It has then read all earlier changes. */
function firstStart({ unit }: ServiceWant, prediction: Prediction): number {
  const own = prediction.packages.installed().filter(({ name, asIs }) => !asIs && isBroughtBy(unit, name))
  return Math.max(-1, ...own.map(({ turn }) => turn))
}

/** The pending start of a unit that this one restarts after. */
function startOf(unit: string, prediction: Prediction): PendingChange | undefined {
  return prediction.units.get(unit)?.running === true ? prediction.units.startOrStop(unit) : undefined
}

/** A missing input is represented by its directory, which changes with every file put into it. */
function beside(path: string, have: SystemdUnit, prediction: Prediction): PendingChange | undefined {
  return have.inputs.some((input) => input.path === path && input.gone)
    ? prediction.paths.get(posix.dirname(path))
    : undefined
}

/** An existing unit, which an earlier resource may have started, or whose file it may have changed. */
function moved(want: ServiceWant, have: SystemdUnit, prediction: Prediction, facts: Facts): SystemdUnit {
  const { unit } = want
  if (prediction.packages.get(stemOf(unit))?.installed === false)
    return { ...have, load: 'not-found', active: 'inactive', file: '' }
  const gone = have.files.length > 0 && have.files.every((path) => prediction.paths.get(path)?.state.type === 'absent')
  const isWritten = pendingUnitTexts(namesOf(unit, have), prediction).main !== undefined
  if (gone && !isWritten)
    return {
      ...have,
      load: 'not-found',
      file: '',
      outdated: false,
      active: prediction.units.get(unit)?.running === false ? 'inactive' : have.active,
    }
  // Once the unit that it leads to is disabled, another name of it is gone.
  if (unit !== have.id && prediction.units.alias(unit)?.exists === false)
    return { ...have, id: unit, load: 'not-found', active: 'inactive', file: '' }
  const names = namesOf(unit, have)
  const pending = names.map((name) => prediction.units.get(name)).find(Boolean)
  // One that is only enabled, or whose files are only reloaded, keeps running with the settings it has.
  const keepsRunning = pending !== undefined && names.every((name) => prediction.units.startOrStop(name) === undefined)
  const starts = keepsRunning
    ? undefined
    : (pending?.running ?? (startedBy(want, have, prediction, facts) ? true : undefined))
  const runs = starts === undefined ? have : { ...have, active: starts ? 'active' : 'inactive', inputs: [] }
  const reloaded = prediction.units.reload()?.turn ?? -1
  const outdated = isWrittenSince(reloaded, names, prediction) || (have.outdated && reloaded < 0)
  return outdated === runs.outdated ? runs : { ...runs, outdated }
}

/** Whether one of its files has a content that systemd has not read. What matters is when that was written. */
function isWrittenSince(turn: number, names: readonly string[], prediction: Prediction): boolean {
  return UNIT_DIRS.flatMap((dir) => names.flatMap((name) => [`${dir}/${name}`, `${dir}/${name}.d`])).some((path) => {
    const pending = prediction.paths.get(path)
    const isKept = pending?.state.type === 'file' && pending.state.kept === true
    return pending !== undefined && !isKept && pending.turn > turn
  })
}

/** A unit that comes: what is written of it once it was started is read only after a reload. */
function arrived(want: ServiceWant, have: SystemdUnit, prediction: Prediction, facts: Facts): SystemdUnit | Unknown {
  const come = pendingUnit(want, have, prediction, facts)
  if ('unknown' in come) return come
  const names = namesOf(want.unit, come)
  const started = names.map((name) => prediction.units.startOrStop(name)?.turn ?? -1)
  const read = Math.max(prediction.units.reload()?.turn ?? -1, ...started)
  const isStarted = Math.max(-1, ...started) >= 0
  return isStarted && isWrittenSince(read, names, prediction) ? { ...come, outdated: true } : come
}

/** The wanted name, its other names, and last the name of its file. */
function namesOf(unit: string, { id, names }: SystemdUnit): readonly string[] {
  const own = id === '' ? unit : id
  return [...new Set([unit, ...names].filter((name) => name !== own)), own]
}

/** Whether it is enabled or masked by then, and what its file, where that is pending, says of being enabled. */
function withFiles({ unit, masked }: ServiceWant, have: SystemdUnit, prediction: Prediction): SystemdUnit {
  const names = namesOf(unit, have)
  const written = pendingInstall(names, prediction)
  const known =
    written === undefined ? have : { ...have, install: written.install, file: fileAfter(have, written.install) }
  const read = withTakenAliases(known, prediction)
  const triggered =
    read.wanted || read.file !== 'static' || !isTriggered(unit, prediction) ? read : { ...read, wanted: true }
  const place = prediction.paths.get(`/etc/systemd/system/${unit}`)?.state
  const taken = place === undefined ? triggered : { ...triggered, inMasksPlace: inMasksPlace(place) }
  // A file in the place of the mask that is there now: the mask is gone by then, and cannot come back.
  const isUncovered = masked === true && taken.file === 'masked' && taken.inMasksPlace !== undefined
  const next = isUncovered ? { ...taken, load: 'loaded', file: 'disabled' } : taken
  if (place?.type === 'link' && place.target === '/dev/null') return { ...next, load: 'masked', file: 'masked' }
  switch (prediction.units.file(...names)?.state) {
    case undefined:
      return next
    case 'enabled':
      // Who enables a masked unit unmasks it first.
      return { ...next, file: 'enabled', load: next.load === 'masked' ? 'loaded' : next.load }
    case 'disabled':
      // Its mask may have gone before that.
      return next.load === 'masked' && prediction.units.masked(...names) === false
        ? { ...next, load: 'loaded', file: 'disabled', linked: false }
        : { ...next, file: next.file === 'enabled' ? 'disabled' : next.file, linked: false }
    case 'masked':
      return { ...next, load: 'masked', file: 'masked', inMasksPlace: undefined }
    case 'unmasked':
      return next.load === 'masked' ? { ...next, load: 'loaded', file: next.linked ? 'enabled' : 'disabled' } : next
  }
}

/** What is at the places of its other names by then. Of a unit that comes only masks were asked about. */
function withTakenAliases(have: SystemdUnit, prediction: Prediction): SystemdUnit {
  const { takenAliases = [], maskedOthers = [], install, id } = have
  const seen = [...takenAliases, ...maskedOthers.map((name): TakenAlias => ({ name, by: 'mask' }))]
  const by = (name: string): TakenAlias['by'] | undefined => {
    const state = prediction.units.file(name)?.state
    if (state === 'masked') return 'mask'
    const place = prediction.paths.get(`/etc/systemd/system/${name}`)?.state
    if (place?.type === 'link' && place.target === '/dev/null') return 'mask'
    if (place?.type === 'link') return posix.basename(place.target) === id ? undefined : 'other'
    if (place !== undefined) return place.type === 'absent' ? undefined : 'other'
    const there = seen.find((each) => each.name === name)?.by
    return there === 'mask' && state === 'unmasked' ? undefined : there
  }
  const taken = (install?.aliases ?? []).flatMap((name): TakenAlias[] => {
    const what = by(name)
    return what === undefined ? [] : [{ name, by: what }]
  })
  return isDeepStrictEqual(taken, takenAliases) ? have : { ...have, takenAliases: taken }
}

/** A timer, socket or path unit that something pending writes and starts, and that starts this one. */
function isTriggered(unit: string, prediction: Prediction): boolean {
  if (!unit.endsWith('.service')) return false
  return UNIT_DIRS.flatMap((dir) => prediction.paths.below(dir)).some(({ path, state }) => {
    const name = posix.basename(path)
    if (state.type !== 'file' || !/\.(timer|socket|path)$/.test(name)) return false
    if (prediction.units.get(name) === undefined) return false
    const text = Buffer.from(state.content ?? []).toString('utf8')
    const named = /^\s*(?:Unit|Service)\s*=\s*(\S+)/m.exec(text)?.[1]
    return (named ?? name.replace(/\.\w+$/, '.service')) === unit
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

/**
 * Its unit file may belong to another package than the one with its program. When that one comes, or is configured, it starts a unit that
 * starts at boot.
 *
 * Source: Debian policy 9.3.3; deb-systemd-invoke(1p).
 */
function startedBy({ unit }: ServiceWant, have: SystemdUnit, prediction: Prediction, { os }: Facts): boolean {
  const canStart = os.family === 'debian' && !have.startsDenied && have.load === 'loaded' && have.file === 'enabled'
  if (!canStart || ['active', 'reloading', 'activating'].includes(have.active)) return false
  return prediction.packages.installed().some(({ name, asIs }) => !asIs && isBroughtBy(unit, name))
}
