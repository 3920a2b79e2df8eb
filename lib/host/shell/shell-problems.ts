import type { Problem } from '../../errors.ts'
import { redact } from '../../gate/redact.ts'
import type { Become } from './login.ts'

/** The limit in characters of output that is quoted from something other than an answer. */
const MOST_SAID = 500
const AGAIN = 'run the same command again: what is done will not be done twice'

/** The run ended before a request had its turn. */
export function cancelled(host: string): Problem {
  return { code: 'cancelled', host, message: 'the run was ended before this began', hint: AGAIN }
}

/** Neither the shell nor an end arrived in time: a profile or sudo waits for an answer that nobody gives. */
export function late(host: string, become: Become | undefined, seconds: number, said: readonly string[]): Problem {
  const output = said
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .join('\n')
  return {
    code: 'connect',
    host,
    message: `the login shell does not come to a command within ${seconds} s`,
    expected: `a profile that asks nothing where there is no terminal${become === undefined ? '' : `, and a ${become.method ?? 'sudo'} that answers`}`,
    got: output === '' ? 'nothing was printed' : 'something else was printed',
    ...(output === '' ? {} : { output: redact(output).slice(-MOST_SAID) }),
    hint: 'let the profile ask on a terminal only ([ -t 0 ]); where it is slow, give it three times as long as a longer -o ConnectTimeout in ansible_ssh_common_args',
  }
}

/** The end of what was printed in place of an answer. */
export function lastWords(text: string): string {
  return redact(text.trim()).slice(-MOST_SAID)
}

/** The host's answer does not follow the protocol: cut short, out of turn, or forged. */
export function amiss(host: string, what: string): Problem {
  return {
    code: 'answer',
    host,
    message: `the host's answer cannot be one: ${what}`,
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
    hint: 'let a command write what is longer into a file on the host',
  }
}

/** No answer arrived in time, and the connection still stands. */
export function silent(host: string, seconds: number): Problem {
  return {
    code: 'answer',
    host,
    message: `the host did not answer within ${seconds} s, and the connection still stands`,
    hint: AGAIN,
  }
}

/**
 * The shell ended by itself.
 *
 * @param refused the user that sudo was to become, when the shell never started
 * @param said the earlier output on stderr
 */
export function closed(host: string, refused: Become | undefined, status: string, said: string): Problem {
  if (refused !== undefined) {
    const method = refused.then !== undefined || refused.method === 'root' ? 'su' : (refused.method ?? 'sudo')
    return {
      code: 'become',
      host,
      message: `${method} does not let us become ${refused.then ?? refused.user}`,
      expected: refused.password
        ? 'the password to be accepted'
        : `${method} without a password${method === 'sudo' ? ' (sudo -n)' : ''}`,
      got: said === '' ? status : said,
      // In every language this message contains tty or TTY.
      hint: /tty/i.test(said)
        ? 'sudo wants a terminal (requiretty), and a run has none: put `Defaults:USER !requiretty` into sudoers for its user'
        : hintFor(method),
    }
  }
  return {
    code: 'lost',
    host,
    message: `the shell on the host ended (${status})`,
    ...(said === '' ? {} : { got: said }),
    hint: AGAIN,
  }
}

function hintFor(method: string): string {
  switch (method) {
    case 'sudo':
      return 'allow it in sudoers (NOPASSWD), set ansible_become_password, give the password by -K, or set ansible_become: false where the user is root already'
    case 'doas':
      return 'allow it in doas.conf (permit nopass), or set ansible_become_password, for which the host needs script(1)'
    default:
      return 'set ansible_become_password to the password of the user that is become, or use sudo'
  }
}
