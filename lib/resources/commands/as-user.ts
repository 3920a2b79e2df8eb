import { ownStreams } from '../../sh/own-streams.sh.ts'
import { raw, sh, type Sh } from '../../sh/quote.ts'

/**
 * Runs a command of another account's, which may leave processes behind, with output streams of its own: with those of the script that account could
 * write into the answers that follow.
 */
export function withOwnStreams(command: Sh): Sh {
  return sh`{ ${raw(ownStreams)}
own_streams ${command}; }`
}

/**
 * On the controller itself, the environment holds what its own user keeps there. `ROLECALL_PRIVATE` names what another account must not get; it is
 * not set on other hosts.
 */
export const unsetPrivate: Sh = raw('unset ${ROLECALL_PRIVATE:-} ROLECALL_PRIVATE')

/** A script as another user, by su(1), which asks only root for no password. */
export function asUser(user: string | undefined, script: Sh): Sh {
  return user === undefined
    ? sh`(\n${script}\n)`
    : sh`( ${unsetPrivate}
${withOwnStreams(sh`su -s /bin/sh ${user} -c ${script.text}`)}
)`
}
