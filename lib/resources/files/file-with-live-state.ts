import type { Facts } from '../../facts.ts'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import type { Kind, Plan, Refused, Reply, Step, Unknown } from '../kit/kind.ts'
import type { TrustedPlace } from '../kit/trusted-place.ts'
import type { Effect, Prediction } from '../prediction/prediction.ts'

/** The state of the running host, beside the file that sets it at the next boot. */
export interface Live<W, L> {
  /** Prints lines; runs before the file's own question. */
  probe(want: W, facts: Facts): Sh
  read(want: W, said: readonly string[], facts: Facts): L
  /** Applies pending changes. Return `live` itself when none matters. */
  predict?(want: W, live: L, prediction: Prediction, facts: Facts): L | Unknown
  /** What is to be done before the file is written, and after that. */
  plan(want: W, live: L, file: { readonly isWritten: boolean }, facts: Facts): LivePlan | Refused
  effects?(want: W, live: L, facts: Facts): readonly Effect[]
  /** Places that nobody else may be able to change. */
  trusts?(want: W): readonly TrustedPlace[]
}

export interface LivePlan {
  readonly before?: readonly Step[]
  readonly after?: readonly Step[]
}

export interface FileAndLive<H, L> {
  readonly file: H
  readonly live: L
}

const END = '# end of what holds now'

/** A kind that manages a file and the running state that the file sets at boot. */
export function withLiveState<W, H, L>(file: Kind<W, H>, live: Live<W, L>): Kind<W, FileAndLive<H, L>> {
  return {
    name: file.name,
    paths: (want) => file.paths?.(want) ?? [],
    probe: (want, facts) =>
      lines(sh`(\n${live.probe(want, facts)}\n)`, raw(`echo; echo '${END}'`), file.probe(want, facts)),
    read(want, reply, facts) {
      const [said, rest] = parted(reply)
      return { file: file.read(want, rest, facts), live: live.read(want, said, facts) }
    },
    predict(want, have, prediction, facts) {
      const predicted = file.predict?.(want, have.file, prediction, facts) ?? have.file
      if (isUnknown(predicted)) return predicted
      const now = live.predict?.(want, have.live, prediction, facts) ?? have.live
      if (isUnknown(now)) return now
      return predicted === have.file && now === have.live ? have : { file: predicted, live: now }
    },
    plan(want, have, facts) {
      const planned = file.plan(want, have.file, facts)
      if ('refused' in planned) return planned
      const plan: Plan = 'steps' in planned ? planned : { steps: planned }
      const isWritten = plan.steps.some((step) => step.cleanupOnly !== true)
      const more = live.plan(want, have.live, { isWritten }, facts)
      if ('refused' in more) return more
      return { ...plan, steps: [...(more.before ?? []), ...plan.steps, ...(more.after ?? [])] }
    },
    effects: (want, have, facts) => [
      ...(file.effects?.(want, have.file, facts) ?? []),
      ...(live.effects?.(want, have.live, facts) ?? []),
    ],
    advanced: {
      declarations: (want) => file.advanced?.declarations?.(want) ?? [],
      trusts: (want) => live.trusts?.(want) ?? [],
      statPaths: (want) => file.advanced?.statPaths?.(want) ?? [],
    },
  }
}

function parted(reply: Reply): [said: readonly string[], rest: Reply] {
  const bytes = Buffer.from(reply.bytes.buffer, reply.bytes.byteOffset, reply.bytes.byteLength)
  const mark = `\n${END}\n`
  const at = bytes.indexOf(mark)
  const rest = at < 0 ? bytes : bytes.subarray(at + mark.length)
  const text = rest.toString('utf8')
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const said = (at < 0 ? '' : bytes.toString('utf8', 0, at)).split('\n').filter((line) => line !== '')
  return [said, { ...reply, bytes: rest, text, lines }]
}

function isUnknown(value: unknown): value is Unknown {
  return typeof value === 'object' && value !== null && 'unknown' in value && typeof value.unknown === 'string'
}
