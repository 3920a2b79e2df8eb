import { reveal } from '../../files/edit.ts'
import { neverPackaged, predictPath } from '../../files/path/path-prediction.ts'
import type { Unknown } from '../../kit/kind.ts'
import type { Prediction } from '../../prediction/prediction.ts'
import { unpackRefusal } from './refusals.ts'
import { isIt, type ArchiveWant, type HaveArchive } from './want.ts'
import { curlSettings } from '../fetch-settings.ts'

/** An archive's directory and source after pending changes. */
export function predictArchive(want: ArchiveWant, have: HaveArchive, prediction: Prediction): HaveArchive | Unknown {
  const found = predictPath(have.found, prediction, want)
  if ('unknown' in found) return found
  const isLater = found.from !== undefined
  if (have.missing.length === 0 && have.mixedLevel === undefined && have.fault === undefined && found === have.found)
    return have
  // A directory that an earlier step makes is empty, because anything that fills it comes later.
  const state = isLater ? prediction.paths.get(want.path)?.state : undefined
  const unpacked = state?.type === 'dir' ? state.unpacked : undefined
  const there = { found, marker: isLater ? unpacked : have.marker, isEmpty: isLater || have.isEmpty }
  const source = want.isLocal ? reveal(want.from) : undefined
  const isBrought = source !== undefined && prediction.paths.get(source)?.state.type === 'file'
  const checked = isBrought
    ? { mixedLevel: undefined, fault: undefined }
    : { mixedLevel: have.mixedLevel, fault: have.fault }
  const missing = have.missing.filter((name) => (name === source ? !isBrought : !isProvided(name, want, prediction)))
  const next = { ...have, ...there, ...checked, missing }
  const isUnpacked = next.marker !== undefined && isIt(want, next.marker)
  const problem = isUnpacked ? undefined : (missing[0] ?? next.mixedLevel ?? next.fault)
  if (problem === undefined) return next
  const bringer =
    typeof problem === 'string' && problem !== source ? prediction.bringer() : bringerOf(source, prediction)
  if (bringer === undefined)
    return found === have.found && missing.length === have.missing.length && !isBrought ? have : next
  const planned = unpackRefusal(want, next)
  return { unknown: `${planned?.refused ?? `${want.path} cannot be unpacked`}, unless ${bringer.from} changes that` }
}

/** Whether a pending package has the tool, by the package's name. */
function isProvided(tool: string, { settings }: ArchiveWant, prediction: Prediction): boolean {
  const names = tool === 'curl' && curlSettings(settings).length === 0 ? ['curl', 'wget'] : [tool]
  return prediction.packages
    .peekInstalled()
    .some(({ name }) => names.includes(name) && prediction.packages.get(name) !== undefined)
}

/** The pending change that may replace the archive on the host. */
function bringerOf(source: string | undefined, prediction: Prediction): { readonly from: string } | undefined {
  if (source === undefined) return undefined
  const filled = prediction.paths.filledAbove(source)
  return prediction.paths.get(source) ?? filled ?? (neverPackaged(source) ? prediction.command() : prediction.bringer())
}
