import type { ExecHave, ExecWant } from './exec.ts'
import { reasonToRun } from './exec.ts'
import type { Foreseen } from '../prediction/prediction.ts'
import type { Unknown } from '../kit/kind.ts'
import { isOwnGround } from '../files/path/path-prediction.ts'
import type { Sh } from '../../sh/quote.ts'

const NOT_FOUND = 127

/**
 * Lays pending changes over the answers of `creates`, `unless` and `onlyIf`. The rules stand in the docstring of `exec`.
 * The very same object comes back when nothing pending decides.
 */
export function foreseeExec(want: ExecWant, have: ExecHave, later: Foreseen): ExecHave | Unknown {
  if (later.empty) return have
  if (want.onlyIf !== undefined) {
    const named = later.namedIn(want.onlyIf.text)
    if (named !== undefined) return { unknown: `onlyIf looks at ${named.path}, which ${named.from} changes first` }
    const opaque = have.onlyIf === 0 ? undefined : later.opaque()
    if (opaque !== undefined) return { unknown: `onlyIf says no, and ${opaque.from} comes first` }
  }
  const changed: { cwd?: boolean; creates?: boolean; unless?: number } = {}
  if (!have.cwd && want.cwd !== undefined) {
    const pending = later.path(want.cwd)
    if (pending === undefined && reasonToRun(want, have) !== undefined) {
      const opaque = later.opaque()
      if (opaque !== undefined && (later.packages().length === 0 || isOwnGround(want.cwd)))
        return { unknown: `there is no directory ${want.cwd} to run in, unless ${opaque.from} makes it` }
    }
    if (pending === undefined ? later.opaque() !== undefined : pending.state.is !== 'absent') changed.cwd = true
  }
  const product = want.creates === undefined ? undefined : later.path(want.creates)
  if (product !== undefined) changed.creates = product.state.is !== 'absent'

  const next: ExecHave = { ...have, ...changed }
  const touched = Object.keys(changed).length > 0
  // It runs in any case: what unless says does not decide.
  if (want.unless === undefined || next.creates === false) return touched ? next : have
  if (next.unless === 0) {
    const named = later.namedIn(want.unless.text)
    if (named !== undefined) return { unknown: `unless looks at ${named.path}, which ${named.from} changes first` }
    return touched ? next : have
  }
  const opaque = asksForCommand(want.unless, next.unless) && !sameCommand(want) ? later.opaque() : undefined
  if (opaque !== undefined && reasonToRun(want, next) !== undefined) {
    return { unknown: `unless finds no command, and ${opaque.from} may bring it` }
  }
  return touched ? next : have
}

/** It failed because a command is missing, or the command's being there is what it asks. */
function asksForCommand(unless: Sh, status: number | undefined): boolean {
  return status === NOT_FOUND || (status !== undefined && /^\s*(command -v|which|type|hash)\s/.test(unless.text))
}

function sameCommand({ shown, unless }: ExecWant): boolean {
  const word = firstWord(shown)
  return word !== undefined && word === firstWord(unless?.text ?? '')
}

/** The command that a line begins with, past assignments and words that run another command. */
function firstWord(line: string): string | undefined {
  return line
    .trim()
    .split(/\s+/)
    .find((word) => !/^(\w+=.*|!|env|sudo|exec|time|nice)$/.test(word))
    ?.replaceAll(/['"]/g, '')
}
