import { shellFunction, lines, raw, sh, type Sh } from '../../sh/quote.ts'
import type { Reply } from '../kit/kind.ts'
import type { Effect } from '../prediction/effect.ts'
import { lookAtWork, stateOf } from './background/work.ts'
import { ranInThisRun, ranOf } from './exec-result.ts'
import { unsetPrivate } from './as-user.ts'
import { setting, shell } from './exec-script.ts'
import type { ExecHave, ExecWant } from './exec-want.ts'

/** What is there of the results of a command, and of the command itself where it goes on in the background. */
export function probeExec({ cwd = '/', creates, unless, onlyIf, user, env = {}, results, work }: ExecWant): Sh {
  const ran = results === undefined ? [] : [ranInThisRun(results)]
  const ask = (word: string, command: Sh | undefined) =>
    command === undefined ? [] : [sh`${shell(command, user)} >/dev/null 2>&1; echo "${raw(word)} $?"`]
  const isThere =
    creates === undefined
      ? []
      : [sh`if [ -e ${creates} ] || [ -L ${creates} ]; then echo creates 1; else echo creates 0; fi`]
  if (cwd === '/' && unless === undefined && onlyIf === undefined && results === undefined && work === undefined)
    return shellFunction([], lines(...isThere, sh`:`))
  return lines(
    // The status comes first: a command that has ended by then has made everything that it makes.
    ...(work === undefined ? [] : [lookAtWork(work)]),
    ...isThere,
    sh`cd ${cwd} 2>/dev/null || { echo cwd 0; exit 0; }`,
    ...(user === undefined ? [] : [unsetPrivate]),
    ...Object.entries(env).flatMap(([key, value]) => (typeof value === 'string' ? [setting(key, value)] : [])),
    ...(onlyIf === undefined || user === undefined ? [] : [canAskAs(user)]),
    ...ask('onlyIf', onlyIf),
    ...ask('unless', unless),
    ...ran,
  )
}

/** Says why a question cannot be asked as this user: su(1) would end as a command does that says no. */
function canAskAs(user: string): Sh {
  return sh`if [ "$(id -u)" != 0 ]; then echo 'unasked not root'; elif ! id -u -- ${user} >/dev/null 2>&1; then echo 'unasked no account'; fi`
}

export function readExec({ lines: all }: Reply): ExecHave {
  const told = all.filter((line) => /^(?:cwd|creates|unless|onlyIf)\b/.test(line))
  const said = new Map(told.map((line) => line.split(' ')).map(([word = '', value]) => [word, Number(value)]))
  const creates = said.get('creates')
  const unasked = (['no account', 'not root'] as const).find((why) => all.includes(`unasked ${why}`))
  return {
    cwd: !said.has('cwd'),
    creates: creates === undefined ? undefined : creates === 1,
    unless: said.get('unless'),
    onlyIf: unasked === undefined ? said.get('onlyIf') : undefined,
    ...(unasked === undefined ? {} : { unasked }),
    ...(all.includes('looks 1') ? { onlyLooks: true } : {}),
    ...ranOf(all),
    ...(all.some((line) => line.startsWith('work ')) ? { state: stateOf(all) } : {}),
  }
}

export function execPaths({ creates, paths }: ExecWant): readonly string[] {
  return creates === undefined ? paths : [creates, ...paths]
}

/** What is true once it has ended. */
export function execEffects(want: ExecWant): readonly Effect[] {
  return [
    ...execPaths(want).map((path) => ({ type: 'path', path, state: { type: 'file' } }) as const),
    ...(want.effects ?? [{ type: 'anything' } as const]),
  ]
}
