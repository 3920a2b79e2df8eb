import type { Plan, Refused } from '../../kit/kind.ts'
import type { Effect } from '../../prediction/effect.ts'
import { execPaths } from '../exec-probe.ts'
import { script } from '../exec-script.ts'
import type { ExecHave, ExecWant } from '../exec-want.ts'
import { reasonToRun } from '../reason-to-run.ts'
import { beginWork, type Work, type WorkState } from './work.ts'

/** Begins the command, unless it is running or has a result. */
export function planToBegin(want: ExecWant, work: Work, have: ExecHave, shown: string): Plan | Refused {
  const { state = { type: 'none' } } = have
  const reason = reasonToRun(want, have)
  if (reason === undefined) return { steps: [] }
  if (state.type === 'running') {
    if (state.command === work.command) return { steps: [] }
    return {
      refused: `another command of this name is still running, as process ${state.pid}`,
      hint: 'wait until it has ended, or end it on the host',
    }
  }
  if (!have.cwd) return noDirectory(want)
  if (have.unasked !== undefined) return nobodyToAsk(want, have.unasked)
  const before = endOf(want, state)
  if (before !== undefined && (state.type === 'ended' || state.type === 'lost') && state.inThisRun) return before
  const { stdin } = script(want)
  return {
    steps: [
      {
        summary: `begin ${shown} in the background (${reason}${before === undefined ? '' : `; before, ${before.refused}`})`,
        sh: beginWork(work, script(want), want.deadline),
        ...(stdin === undefined ? {} : { stdin }),
        deadline: 60,
      },
    ],
  }
}

/** What is true once it has begun: what it does itself is known where it is waited for, and in doubt until then. */
export function effectsOfBegin(want: ExecWant, work: Work): readonly Effect[] {
  const { effects } = want
  const declared = (effects ?? []).flatMap((effect) => (effect.type === 'path' ? [effect.path] : []))
  return [
    { type: 'path', path: work.mark, state: { type: 'dir' } },
    ...[...new Set([...execPaths(want), ...declared])].map((path) => ({ type: 'doubt', path }) as const),
    ...(effects === undefined ? [{ type: 'anything' } as const] : []),
  ]
}

export function noDirectory({ cwd = '/' }: ExecWant): Refused {
  return { refused: `there is no directory ${cwd} to run in`, hint: `put dir('${cwd}') before this resource` }
}

/** `onlyIf` is asked as the user of the command: that nobody can ask is no answer. */
export function nobodyToAsk({ user = '' }: ExecWant, unasked: NonNullable<ExecHave['unasked']>): Refused {
  return unasked === 'not root'
    ? { refused: `onlyIf cannot be asked as ${user}: only root can become ${user}`, hint: 'set ansible_become: true' }
    : {
        refused: `onlyIf cannot be asked as ${user}: there is no such account`,
        hint: `put user('${user}') before this resource`,
      }
}

/** Why a result is not there though the work is over; undefined where nothing is known of it. */
export function endOf({ creates, deadline }: ExecWant, state: WorkState): Refused | undefined {
  if (state.type === 'lost')
    return { refused: 'the command was ended before it could record its result', hint: 'the next run starts it again' }
  if (state.type !== 'ended') return undefined
  const { code, last } = state
  if (code === 0) {
    const missing = creates === undefined ? 'unless still says no' : `${creates} is not as wanted`
    return { refused: `the command ended with 0, but ${missing}`, hint: 'run the command by hand and see what it does' }
  }
  const late = code === 124 && deadline !== undefined ? `, which may be its deadline of ${deadline} s` : ''
  return {
    refused: `the command ended with ${code}${late}${last === '' ? '' : `: ${last}`}`,
    hint: 'the next run starts it again',
  }
}
