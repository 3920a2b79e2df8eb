import { posix } from 'node:path'
import { RolecallError, type Problem } from '../../errors.ts'
import type { Answer } from '../../sh/frame.ts'
import type { ApplyContext, ReadOptions } from '../../playbook/context.ts'
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
    const target = pending === undefined ? link : targetOf(pending)
    const next = target === undefined ? throughPending(path, prediction) : posix.resolve(posix.dirname(path), target)
    if (next === undefined) return { path, spelled: asked, pending }
    path = next
    if (target === undefined || pending !== undefined) asked = path
  }
  return { path, spelled: asked, pending: undefined }
}

function targetOf({ state }: PendingPath): string | undefined {
  return state.type === 'link' ? state.target : undefined
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
  const [dir, real, word, target] = textOf(answer?.stdout).split('\n')
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

/** Reads paths of a host: as they are, or in check mode as they will be after pending changes. */
export class PredictedReads implements Pick<ApplyContext<unknown>, 'exists' | 'read'> {
  readonly #context: ConvergeContext
  readonly #limit: PredictionLimit
  readonly #answerFrom: AnswerFrom

  constructor(context: ConvergeContext, limit: PredictionLimit, answerFrom: AnswerFrom) {
    this.#context = context
    this.#limit = limit
    this.#answerFrom = answerFrom
  }

  async exists(path: string): Promise<boolean> {
    const { path: target, spelled, pending } = await this.#followed(path)
    if (pending?.state.type === 'absent') this.#endIfUnpacked(target, pending.turn)
    if (pending) return pending.state.type !== 'absent'
    const answer = await this.#ask(existsQuestion(spelled))
    if (answer?.code === 0) return true
    this.#endIfUnpacked(target)
    return false
  }

  async read(path: string, { whilePending }: ReadOptions = {}): Promise<string | undefined> {
    const { path: target, spelled, pending } = await this.#followed(path)
    if (pending) return this.#readPending(path, target, pending, whilePending)
    const answer = await this.#ask(readQuestion(spelled))
    if (answer?.code === NOTHING_THERE) {
      this.#endIfUnpacked(target)
      return undefined
    }
    if (answer?.code === LED_ELSEWHERE)
      throw this.#failure({ message: `${path} ${LED_ELSEWHERE_WORDS}`, hint: 'name the path that it leads to' })
    if (answer?.code !== 0) throw this.#unreadable(path, textOf(answer?.stderr).trim())
    return textOf(answer.stdout)
  }

  /** What a path with a pending change will hold. */
  #readPending(path: string, target: string, { state, turn, from }: PendingPath, whilePending?: string) {
    if (state.type === 'absent') {
      this.#endIfUnpacked(target, turn)
      return undefined
    }
    if (state.type === 'file' && state.content) return textOf(state.content)
    if (state.type === 'dir') throw this.#unreadable(path, `${path} will be a directory`)
    return whilePending ?? this.#limit.end(`what ${path} will hold is known only after ${from}`)
  }

  /** Where a path leads. In check mode ends the prediction if that is in doubt. */
  async #followed(path: string): Promise<FollowedPath> {
    const { mode, prediction } = this.#context
    if (mode !== 'check') return { path, spelled: path, pending: undefined }
    const followed = await follow(this.#context, path)
    const doubt = prediction.paths.doubtAbout(path) ?? prediction.paths.doubtAbout(followed.path)
    if (doubt) this.#limit.end(`what ${path} will be is known only after ${doubt.words}`)
    if (followed.pending === undefined) this.#limit.looked()
    return followed
  }

  /** In check mode each question is asked separately: where a path leads may depend on an earlier answer. */
  async #ask({ name, sh: script }: PathQuestion): Promise<Answer | undefined> {
    const { host, mode } = this.#context
    if (mode !== 'check') return await this.#answerFrom(host)
    return (await host.ask([{ name, sh: script(host.facts.uid) }]))[0]
  }

  /** Ends the prediction if a pending archive may still create an absent path. `goneAt`: the turn that removes the path; none if it is absent now. */
  #endIfUnpacked(path: string, goneAt = -1): void {
    const { mode, prediction } = this.#context
    const archive = mode === 'check' ? prediction.paths.filledAbove(path) : undefined
    if (archive && archive.turn > goneAt)
      this.#limit.end(`whether there will be a ${path} is known only after ${archive.from}`)
  }

  #unreadable(path: string, output: string): RolecallError {
    return this.#failure({ message: `cannot read ${path}`, output })
  }

  #failure(problem: Pick<Problem, 'message' | 'hint' | 'output'>): RolecallError {
    const { host, role } = this.#context
    return new RolecallError({ code: 'step-failed', host: host.name, role, ...problem })
  }
}

function textOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8')
}
