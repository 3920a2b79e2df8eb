import { fileEffects, predictContent } from '../files/content.ts'
import { isVague, predictPath } from '../files/path/path-prediction.ts'
import { sha256 as sumOf } from '../files/writing/digest.ts'
import type { Unknown } from '../kit/kind.ts'
import type { Effect, PathState, Prediction } from '../prediction/prediction.ts'
import { PendingSecret } from '../prediction/pending-secret.ts'
import { lacking, toolsOf, type DownloadWant, type HaveDownload } from './download-want.ts'
import { fetcherLater } from './fetch.ts'

/** The file, and whether it has the wanted content, after pending changes. */
export function predictDownload(
  want: DownloadWant,
  have: HaveDownload,
  prediction: Prediction,
): HaveDownload | Unknown {
  if (typeof want.sha256 !== 'string') return predictAny(want, have, prediction)
  // Content from an earlier step counts as different unless its checksum is known.
  const predicted = predictContent(want, have, prediction, new Uint8Array())
  if ('unknown' in predicted) return predicted
  const pending = predicted.found.from === undefined ? undefined : prediction.paths.get(want.path)?.state
  const same = pending === undefined ? have.same : isSameLater(want, have, pending)
  if (same && predicted.found.from !== undefined && isVague(predicted.found, want))
    return { unknown: `what ${want.path} will be is known only after ${predicted.found.from}` }
  const tool = have.hasTool || same ? 'comes' : fetcherLater(prediction, toolsOf(want))
  if (typeof tool === 'object') return noFetcher(want, tool)
  const hasTool = have.hasTool || (!same && tool === 'comes')
  if (predicted.found === have.found && same === have.same && hasTool === have.hasTool) return have
  return { found: predicted.found, same, hasTool }
}

/** With a published checksum, any file of an earlier step is accepted. */
function predictAny(want: DownloadWant, have: HaveDownload, prediction: Prediction): HaveDownload | Unknown {
  const found = predictPath(have.found, prediction, want)
  if ('unknown' in found) return found
  if (found.from !== undefined && found.type === 'file' && isVague(found, want))
    return { unknown: `what ${want.path} will be is known only after ${found.from}` }
  const same = found.type === 'file'
  const tool = have.hasTool || same ? 'comes' : fetcherLater(prediction, toolsOf(want))
  if (typeof tool === 'object') return noFetcher(want, tool)
  const hasTool = have.hasTool || (!same && tool === 'comes')
  if (found === have.found && same === have.same && hasTool === have.hasTool) return have
  return { found, same, hasTool }
}

/** Whether an earlier step leaves the content that this one would fetch. */
function isSameLater({ sha256, turned }: DownloadWant, { same }: HaveDownload, pending: PathState): boolean {
  if (pending.type !== 'file') return false
  if (pending.kept === true) return same
  if (typeof sha256 !== 'string') return false
  if (turned !== undefined) return pending.fetched === `${TURNED}${sha256}`
  const bytes = pending.content ?? (pending.sealed instanceof PendingSecret ? pending.sealed.reveal() : undefined)
  return sha256 === (bytes === undefined ? pending.fetched : sumOf(bytes))
}

/** Marks the checksum of a key's source, which differs from that of the key's file. */
const TURNED = 'of '

export function fetchedEffects(want: DownloadWant, { found }: HaveDownload): readonly Effect[] {
  const { sha256, turned } = want
  const effects = fileEffects(want, { found })
  if (typeof sha256 !== 'string') return effects
  const fetched = turned === undefined ? sha256 : `${TURNED}${sha256}`
  return effects.map((effect) =>
    effect.type === 'path' && effect.state.type === 'file'
      ? { ...effect, state: { ...effect.state, fetched } }
      : effect,
  )
}

function noFetcher(want: DownloadWant, { from }: { readonly from: string }): Unknown {
  return { unknown: `${want.path} cannot be downloaded: the host has ${lacking(want)}, unless ${from} brings one` }
}
