import type { Prediction } from '../../prediction/prediction.ts'
import { hasLine } from '../../kit/host-pattern.ts'
import type { Unknown } from '../../kit/kind.ts'
import { isBroughtBy } from '../../systemd/packaged-units.ts'
import type { WaitHave, WaitWant } from './wait-want.ts'

/** Applies pending changes to what was seen. Returns the same object when none of them matters. */
export function predictWait(want: WaitWant, have: WaitHave, prediction: Prediction): WaitHave | Unknown {
  if (prediction.empty) return have
  // It is waited for in any case, whatever is seen until then.
  const over = prediction.paths.get(want.mark)
  if (!have.seen && over === undefined)
    return have.canAsk || prediction.opaque() === undefined ? have : { ...have, canAsk: true }
  const last = over?.turn ?? -1
  for (const unit of want.units) {
    const moved = prediction.units.startOrStop(unit)
    if (moved !== undefined && moved.turn > last) return { ...have, canAsk: true, seen: false, from: moved.from }
    const doubt = prediction.units.doubtAbout(unit)
    if (doubt) return { unknown: `whether ${unit} restarts before it depends on ${doubt.from}, which is unknown` }
    const bringer = prediction.packages.installed().find(({ name, turn }) => turn > last && isBroughtBy(unit, name))
    if (bringer) return { unknown: `whether ${bringer.from} restarts ${unit} before it` }
  }
  // The same wait comes earlier, and nothing has moved since.
  if (over !== undefined) return { ...have, canAsk: true, seen: true, holds: !want.absent }
  const known = want.condition.type === 'file' ? fileLater(want, have, want.condition.path, prediction) : undefined
  if (known !== undefined) return known
  if (have.canAsk && have.holds !== want.absent) return have
  const cause = prediction.activity(want.condition.type === 'url')
  return cause ? { unknown: `whether there will be something to wait for is known only after ${cause.from}` } : have
}

/** A file whose content an earlier resource gives is as good as seen. */
function fileLater(
  want: WaitWant,
  have: WaitHave,
  path: string,
  prediction: Prediction,
): WaitHave | Unknown | undefined {
  const doubt = prediction.paths.doubtAbout(path)
  if (doubt) return { unknown: `what ${path} will be is known only after ${doubt.words}` }
  const pending = prediction.paths.get(path)
  if (pending === undefined) {
    const filled = have.holds ? undefined : prediction.paths.filledAbove(path)
    return filled && { unknown: `${path} may come with ${filled.from}` }
  }
  const { state, from } = pending
  const as = (holds: boolean, last: string): WaitHave => ({ ...have, holds, last })
  if (state.type === 'absent') return as(false, 'file not there')
  if (want.contains === undefined && state.type !== 'link') return as(true, 'there')
  if (state.type !== 'file' || state.content === undefined)
    return { unknown: `what ${path} holds is known only after ${from}` }
  const holds = want.contains === undefined || hasLine(want.contains, state.content)
  return as(holds, holds ? 'there' : `no line of it matches ${String(want.contains)}`)
}
