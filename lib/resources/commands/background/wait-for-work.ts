import { kind, type Plan, type Refused, type Resource } from '../../kit/kind.ts'
import { execEffects, execPaths, probeExec, readExec } from '../exec-probe.ts'
import type { ExecHave, ExecWant } from '../exec-want.ts'
import { predictExec } from '../exec-prediction.ts'
import { reasonToRun } from '../reason-to-run.ts'
import { endOf } from './in-background.ts'
import { awaitWork, Work } from './work.ts'

interface WorkWant {
  readonly exec: ExecWant
  readonly work: Work
  readonly deadline: number
}

interface WorkHave extends ExecHave {
  /** Prediction: what begins it. */
  readonly from?: string
}

/** The wait for a command in the background. Its result is there afterwards. */
export const waitForWork: (name: string, want: WorkWant) => Resource = kind<WorkWant, WorkHave>({
  name: 'waitFor',
  probe: ({ exec }) => probeExec(exec),
  read: (_, reply) => readExec(reply),
  plan({ exec, work, deadline }, have): Plan | Refused {
    const { state = { type: 'none' } } = have
    // What has begun in this run is waited for once, also when it was quick: check cannot know.
    const isNew = state.type === 'ended' && state.inThisRun && !state.wasWaitedFor
    if (state.type === 'running' || isNew || have.from !== undefined)
      return {
        steps: [
          {
            summary: `wait up to ${deadline} s for ${work.title}`,
            sh: awaitWork(work, deadline),
            deadline: deadline + 60,
          },
        ],
      }
    if (reasonToRun(exec, have) === undefined) return { steps: [] }
    return (
      endOf(exec, state) ?? { refused: `${work.title} was not started`, hint: 'pass its exec to ensure before this' }
    )
  },
  paths: ({ exec }) => execPaths(exec),
  effects: ({ exec }) => execEffects(exec),
  predict({ exec, work }, have, prediction) {
    if (prediction.empty) return have
    const pending = prediction.paths.get(work.mark)
    if (pending !== undefined) return { ...have, from: pending.from }
    const doubt = prediction.paths.doubtAbout(work.mark)
    if (doubt !== undefined)
      return { unknown: `whether there is something to wait for is known only after ${doubt.from}` }
    // Whether there is a result, and so nothing to wait for, is said as its exec says it.
    return predictExec(exec, have, prediction)
  },
  advanced: { declarations: () => [] },
})

/** The command of an `exec` in the background; undefined for any other resource. */
export function workOf({ want }: Resource): Pick<WorkWant, 'exec' | 'work'> | undefined {
  if (typeof want !== 'object' || want === null || !('work' in want) || !(want.work instanceof Work)) return undefined
  return { exec: want as ExecWant, work: want.work }
}
