import { posix } from 'node:path'
import { RolecallError } from '../../errors.ts'
import type { Answer } from '../../sh/frame.ts'
import type { ApplyContext } from '../../playbook/context.ts'
import { sh } from '../../sh/quote.ts'
import type { ConvergeContext } from '../ensure.ts'
import type { PendingPath } from '../../resources/prediction/pending-paths.ts'
import type { Prediction } from '../../resources/prediction/prediction.ts'
import { LED_ELSEWHERE, LED_ELSEWHERE_WORDS, NOTHING_THERE, openThere } from './open-there.ts'
import type { AnswerFrom, PathQuestion } from './path-questions.ts'
import type { PredictionLimit } from './prediction-limit.ts'

/** The most links that are followed from one path, as in Linux (path_resolution(7)). */
const MOST_LINKS = 40

/** A path with all links resolved, and the pending changes there. */
interface FollowedPath {
  readonly path: string
  /** The path to ask the host for: the target of the last pending link. The host follows its own links, or refuses to. */
  readonly spelled: string
  readonly pending: PendingPath | undefined
}

/** Follows the host's links and pending ones, as the host would after all pending changes. */
async function follow(context: ConvergeContext, spelled: string): Promise<FollowedPath> {
  const { prediction } = context
  let path = spelled
  let asked = spelled
  for (let links = 0; !prediction.empty && links < MOST_LINKS; links++) {
    const link = await linkOnHost(context, path)
    const pending = prediction.paths.get(path)
    const laid = pending?.state.type === 'link' ? pending.state.target : pending === undefined ? link : undefined
    const next = laid === undefined ? throughPending(path, prediction) : posix.resolve(posix.dirname(path), laid)
    if (next === undefined) return { path, spelled: asked, pending }
    path = next
    if (laid === undefined || pending !== undefined) asked = path
  }
  return { path, spelled: asked, pending: undefined }
}

/** The path with its first pending link resolved. */
function throughPending(path: string, prediction: Prediction): string | undefined {
  const parts = path.split('/').slice(1, -1)
  for (const at of parts.keys()) {
    const dir = `/${parts.slice(0, at + 1).join('/')}`
    const state = prediction.paths.get(dir)?.state
    if (state?.type === 'link') return posix.resolve(posix.dirname(dir), state.target) + path.slice(dir.length)
  }
  return undefined
}

/** The target of a link on the host; undefined if the path is not a link. Links on the way are recorded in the prediction. */
async function linkOnHost({ host, prediction }: ConvergeContext, path: string): Promise<string | undefined> {
  const [answer] = await host.ask([
    {
      name: `links to ${path}`,
      sh: sh`p=${path} d=\${p%/*}; while [ -n "$d" ] && [ ! -d "$d" ]; do d=\${d%/*}; done
[ -z "$d" ] || { echo "$d"; cd -P -- "$d" && echo "$PWD"; }; [ ! -L "$p" ] || { echo link; readlink -- "$p"; }`,
    },
  ])
  const [dir, real, word, target] = Buffer.from(answer?.stdout ?? [])
    .toString('utf8')
    .split('\n')
  if (dir !== undefined && real?.startsWith('/') === true) prediction.paths.addLink(dir, real)
  return word === 'link' && target !== '' ? target : undefined
}

/** Whether something is at a path. */
export const existsQuestion = (path: string): PathQuestion => ({ name: `exists ${path}`, sh: () => sh`[ -e ${path} ]` })

/** The content of a file. */
export const readQuestion = (path: string): PathQuestion => ({
  name: `read ${path}`,
  sh: (uid) => openThere(path, uid),
})

/** Reads paths: as they are, or in check mode as they will be after pending changes. */
export function predictedReads(
  context: ConvergeContext,
  limit: PredictionLimit,
  answerFrom: AnswerFrom,
): Pick<ApplyContext<unknown>, 'exists' | 'read'> {
  /** In check mode each question is asked separately: where a path leads may depend on an earlier answer. */
  const asked = async ({ name, sh: script }: PathQuestion): Promise<Answer | undefined> => {
    const { host, mode } = context
    if (mode !== 'check') return await answerFrom(host)
    return (await host.ask([{ name, sh: script(host.facts.uid) }]))[0]
  }
  const predicted = async (path: string) => {
    if (context.mode !== 'check') return { path, spelled: path, pending: undefined }
    const led = await follow(context, path)
    const doubt = context.prediction.paths.doubtAbout(path) ?? context.prediction.paths.doubtAbout(led.path)
    if (doubt) limit.end(`what ${path} will be is known only after ${doubt.words}`)
    if (led.pending === undefined) limit.looked()
    return led
  }
  /** The path is absent, now or after the step at `gone`. A pending archive that is unpacked later may still create it. */
  const missing = (path: string, gone = -1) => {
    const archive = context.mode === 'check' ? context.prediction.paths.filledAbove(path) : undefined
    if (archive && archive.turn > gone) limit.end(`whether there will be a ${path} is known only after ${archive.from}`)
  }
  const unreadable = (path: string, output: string) =>
    new RolecallError({
      code: 'step-failed',
      host: context.host.name,
      role: context.role,
      message: `cannot read ${path}`,
      output,
    })
  return {
    async exists(path) {
      const { path: place, spelled, pending } = await predicted(path)
      if (pending?.state.type === 'absent') missing(place, pending.turn)
      if (pending) return pending.state.type !== 'absent'
      const answer = await asked(existsQuestion(spelled))
      if (answer?.code !== 0) missing(place)
      return answer?.code === 0
    },
    async read(path, { whilePending } = {}) {
      const { path: place, spelled, pending } = await predicted(path)
      if (pending?.state.type === 'absent') {
        missing(place, pending.turn)
        return undefined
      }
      if (pending?.state.type === 'file' && pending.state.content)
        return Buffer.from(pending.state.content).toString('utf8')
      if (pending?.state.type === 'dir') throw unreadable(path, `${path} will be a directory`)
      if (pending && whilePending !== undefined) return whilePending
      if (pending) limit.end(`what ${path} will hold is known only after ${pending.from}`)
      const answer = await asked(readQuestion(spelled))
      if (answer?.code === NOTHING_THERE) {
        missing(place)
        return undefined
      }
      if (answer?.code === LED_ELSEWHERE) {
        throw new RolecallError({
          code: 'step-failed',
          host: context.host.name,
          role: context.role,
          message: `${path} ${LED_ELSEWHERE_WORDS}`,
          hint: 'name the path that it leads to',
        })
      }
      if (answer?.code !== 0)
        throw unreadable(
          path,
          Buffer.from(answer?.stderr ?? [])
            .toString('utf8')
            .trim(),
        )
      return Buffer.from(answer.stdout).toString('utf8')
    },
  }
}
