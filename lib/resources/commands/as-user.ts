import { ownStreams } from '../../sh/own-streams.sh.ts'
import type { Secret } from '../../secret.ts'
import { raw, sh, type Sh } from '../../sh/quote.ts'

/**
 * Runs a command of another account's, which may leave processes behind, with output streams of its own: with those of the script that account could
 * write into the answers that follow.
 */
export function withOwnStreams(command: Sh): Sh {
  return sh`{ ${raw(ownStreams)}
own_streams ${command}; }`
}

/** How many bytes of text a new program surely takes as one argument. Linux has 128 KiB for it: execve(2), MAX_ARG_STRLEN. */
const LONGEST_TEXT = 65_536

/** The words that run a text by a shell: `shell` ends with `-c`. A long text goes through a pipe. */
export function shellWords(shell: Sh, text: string): Sh {
  return isLongText(text) ? piped(text, shell) : sh`${shell} ${text}`
}

/** Runs a text, which may hold a secret, by a shell whose words end with `-c`. The function comes with `ownStreams`. */
export function piped(text: string | Secret, shell: Sh): Sh {
  return sh`piped ${text} ${shell}`
}

export function isLongText(text: string): boolean {
  return Buffer.byteLength(text) >= LONGEST_TEXT
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
${withOwnStreams(shellWords(sh`su -s /bin/sh ${user} -c`, script.text))}
)`
}
