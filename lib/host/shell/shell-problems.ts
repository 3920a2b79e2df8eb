import type { Problem } from '../../errors.ts'
import { redact } from '../../gate/redact.ts'
import type { Become } from './login.ts'

/** The limit in characters of output that is quoted from something other than an answer. */
const MOST_SAID = 500
const AGAIN = 'run the same command again: finished work is not repeated'

/** The run ended before a request was sent. */
export function cancelled(host: string): Problem {
  return { code: 'cancelled', host, message: 'the run was ended before this began', hint: AGAIN }
}

/** Neither the shell nor an end arrived in time: a profile or sudo waits for input that nobody gives. */
export function late(host: string, become: Become | undefined, seconds: number, said: readonly string[]): Problem {
  const output = said
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .join('\n')
  return {
    code: 'connect',
    host,
    message: `the login shell was not ready for a command within ${seconds} s`,
    expected: `a profile that asks nothing where there is no terminal${become === undefined ? '' : `, and a ${become.method ?? 'sudo'} that answers`}`,
    got: output === '' ? 'nothing was printed' : 'something else was printed',
    ...(output === '' ? {} : { output: redact(output).slice(-MOST_SAID) }),
    hint: 'let the profile ask on a terminal only ([ -t 0 ]); where it is slow, give it three times as long as a longer -o ConnectTimeout in ansible_ssh_common_args',
  }
}

/** The end of the output that was printed instead of an answer. */
export function lastWords(text: string): string {
  return redact(text.trim()).slice(-MOST_SAID)
}

/** The host's answer breaks the protocol: cut short, out of turn, or forged. */
export function amiss(host: string, what: string): Problem {
  return {
    code: 'answer',
    host,
    message: `the answer of the host is not valid: ${what}`,
    hint: 'see what the login shell, its profile or sshd of the host put into the stream; if the host may be compromised, do not go on with it',
  }
}

/** The host sends more than an answer may have. */
export function tooMuch(host: string, most: number): Problem {
  return {
    code: 'answer',
    host,
    message: `the answer has more than ${most / 1024 / 1024} MiB, and the rest was not read`,
    expected: `at most ${most / 1024 / 1024} MiB`,
    hint: 'write longer output to a file on the host',
  }
}

/** No answer arrived in time, although the connection is still up. */
export function silent(host: string, seconds: number): Problem {
  return {
    code: 'answer',
    host,
    message: `the host did not answer within ${seconds} s, although the connection is still open`,
    hint: AGAIN,
  }
}

/** How far a login came before the shell ended. */
export interface Ended {
  /** Whether the login shell of the account ran the command that it was given. */
  readonly isReached: boolean
  /** Whether our own shell was ready. */
  readonly isThere: boolean
  readonly become?: Become | undefined
  /** `status 1`, `signal KILL`. */
  readonly status: string
  /** The output that does not belong to answers. */
  readonly said: string
}

/** The shell ended by itself. */
export function closed(host: string, ended: Ended): Problem {
  if (!ended.isReached) return withoutLogin(host, ended)
  if (ended.isThere) return stopped(host, ended)
  return ended.become === undefined ? withoutShell(host, ended) : refused(host, ended.become, ended)
}

/** The login shell runs nothing: nologin, a profile that ends it, a forced command, an account that must do something first. */
function withoutLogin(host: string, { status, said }: Ended): Problem {
  return {
    code: 'auth',
    host,
    message: 'the login shell runs no command',
    expected: 'an account whose login shell runs what ssh gives it',
    got: said === '' ? status : said,
    hint: /expired/i.test(said)
      ? 'give the account a new password: log in by hand, or `passwd` as root there; `chage -l USER` says when it expires'
      : "see what `ssh HOST true` prints: the account's shell may be nologin or false, its profile may end it, or sshd may force another command (ForceCommand, command= in authorized_keys). Otherwise log in as another account (ansible_user)",
  }
}

/** The login shell ran the command, but did not start /bin/sh. */
function withoutShell(host: string, { status, said }: Ended): Problem {
  return {
    code: 'auth',
    host,
    message: `the login shell does not start /bin/sh (${status})`,
    ...(said === '' ? {} : { got: said }),
    hint: 'a restricted shell (rbash) must be allowed to start /bin/sh: give the account another shell (chsh), or log in as another account (ansible_user)',
  }
}

function refused(host: string, become: Become, { status, said }: Ended): Problem {
  const method = become.then !== undefined || become.method === 'root' ? 'su' : (become.method ?? 'sudo')
  return {
    code: 'become',
    host,
    message: `${method} does not let us become ${become.then ?? become.user}`,
    expected: become.password
      ? 'the password to be accepted'
      : `${method} without a password${method === 'sudo' ? ' (sudo -n)' : ''}`,
    got: said === '' ? status : said,
    hint: hintFor(method, become.exe ?? method, said),
  }
}

/**
 * The shell was ready. It ends with these statuses if it cannot start programs (see `unread` in login.ts): sudo's noexec, a limit of processes, a
 * host without coreutils.
 */
function stopped(host: string, { status, said, become }: Ended): Problem {
  if (/^status 12[67]$/.test(status))
    return {
      code: become === undefined ? 'auth' : 'become',
      host,
      message: 'the shell on the host can start no programs',
      expected: 'dd to start',
      got: said === '' ? status : said,
      hint:
        become === undefined
          ? 'see `ulimit -a` and the PATH of the account'
          : 'sudo may forbid it (noexec): put `Defaults:USER !noexec` into sudoers for its user; see `ulimit -a` as well',
    }
  return {
    code: 'lost',
    host,
    message: `the shell on the host ended (${status})`,
    ...(said === '' ? {} : { got: said }),
    hint: AGAIN,
  }
}

function hintFor(method: string, program: string, said: string): string {
  // This message contains tty or TTY in every language.
  if (/^sudo:.*tty/im.test(said))
    return 'sudo wants a terminal (requiretty), and a run has none: put `Defaults:USER !requiretty` into sudoers for its user'
  if (/expired/i.test(said))
    return 'give the account a new password: `passwd` as root there; `chage -l USER` says when it expires'
  const isMissing = (line: string) => line.includes(program) && /not found|no such file/i.test(line)
  if (said.split('\n').some(isMissing))
    return `the host has no ${method}: install it there, log in as root, or set ansible_become_method to what the host has`
  switch (method) {
    case 'sudo':
      return 'allow it in sudoers (NOPASSWD: ALL), set ansible_become_password, give the password by -K, or set ansible_become: false where the user is root already'
    case 'doas':
      return 'allow it in doas.conf (permit nopass), or set ansible_become_password, for which the host needs script(1)'
    default:
      return 'set ansible_become_password to the password of the user that is become, or use sudo'
  }
}
