import { Secret } from '../../secret.ts'
import { Sh, lines, raw, sh } from '../../sh/quote.ts'
import type { Step } from '../kit/kind.ts'
import { keepResult, withResult } from './exec-result.ts'
import { isLongText, piped, unsetPrivate, withOwnStreams } from './as-user.ts'
import { ownStreams } from '../../sh/own-streams.sh.ts'
import type { ExecWant } from './exec-want.ts'

/** The settings that are secret come first on standard input, read byte by byte so that the command gets the rest whole. */
export function script({
  cwd = '/',
  env = {},
  user,
  run,
  creates,
  stdin,
  results,
}: ExecWant): Pick<Step, 'sh' | 'stdin'> {
  const settings = Object.entries(env)
  const open = settings.flatMap(([key, value]) => (typeof value === 'string' ? [setting(key, value)] : []))
  const hidden = settings.flatMap(([key, value]) => (typeof value === 'string' ? [] : [setting(key, value.reveal())]))
  const header = Buffer.from(hidden.length === 0 ? '' : `${lines(...hidden).text}\n`)
  const body =
    stdin === undefined ? '' : typeof stdin === 'string' || stdin instanceof Uint8Array ? stdin : stdin.reveal()
  const input = Buffer.concat([header, Buffer.from(body)])
  return {
    sh: lines(
      sh`cd ${cwd} || exit 1`,
      ...(user === undefined ? [] : [unsetPrivate]),
      ...open,
      ...(hidden.length === 0 ? [] : [sh`eval "$(dd bs=1 count=${header.length} 2>/dev/null)"`]),
      ...(results === undefined ? [sh`${run} || exit $?`] : [withResult(run, results)]),
      ...(creates === undefined
        ? []
        : [
            sh`${results === undefined ? raw('') : raw('[ -n "$failed" ] || ')}[ -e ${creates} ] || [ -L ${creates} ] || { echo ${`it ended well, but did not create ${creates}`} >&2; exit 1; }`,
          ]),
      ...(results === undefined ? [] : [keepResult(results)]),
    ),
    ...(stdin === undefined && hidden.length === 0 ? {} : { stdin: input }),
  }
}

/**
 * A shell of its own, so that its `exit`, its variables and its syntax errors stay its own. A command line is for all to see in ps(1): one that
 * holds a secret goes by the environment, which only its own user may read.
 */
export function shell(command: Sh, user?: string): Sh {
  const hidden = command.isSecret ? new Secret(command.text, { byLine: false }) : undefined
  if (isLongText(command.text)) return longShell(hidden ?? command.text, user)
  const words = hidden === undefined ? sh`-c ${command.text}` : sh`-c ${'step=$STEP; unset STEP; eval "$step"'}`
  const setting = hidden === undefined ? undefined : sh`STEP=${hidden}`
  if (user === undefined) return setting === undefined ? sh`/bin/sh ${words}` : sh`${setting} /bin/sh ${words}`
  const asUser = withOwnStreams(sh`su -s /bin/sh ${user} ${words}`)
  return asRoot(user, setting === undefined ? asUser : sh`( ${setting}; export STEP; ${asUser} )`)
}

/** A long command is in no command line and no environment, so it may hold a secret. */
function longShell(text: string | Secret, user: string | undefined): Sh {
  if (user !== undefined) return asRoot(user, withOwnStreams(piped(text, sh`su -s /bin/sh ${user} -c`)))
  return sh`{ ${raw(ownStreams)}
${piped(text, raw('/bin/sh -c'))}; }`
}

/** su asks anybody but root for a password, and would take the input of the command for it. */
function asRoot(user: string, command: Sh): Sh {
  return sh`if [ "$(id -u)" = 0 ]; then ${command}; else echo ${`only root can become ${user}: set ansible_become: true`} >&2; false; fi`
}

export function setting(key: string, value: string): Sh {
  return sh`export ${raw(key)}=${value}`
}
