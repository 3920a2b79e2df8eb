import { RolecallError, type Problem } from '../errors.ts'
import { leaderOf } from './nspawn-leader.ts'
import { connectPrograms } from './programs.ts'
import type { Connection } from './transport.ts'

/** A container of this machine, by its name or id. */
export interface Container {
  readonly kind: 'docker' | 'podman' | 'machinectl' | 'nspawn'
  /** The inventory's name of the host, for messages. */
  readonly host: string
  readonly container: string
  /** Absent: the container's default user. */
  readonly user?: string
  /** The program to use instead of docker or podman. */
  readonly program?: string
  /** Options for docker or podman, before the subcommand. */
  readonly options?: readonly string[]
}

/** Connects to a container by the program that runs it, without sshd. */
export function connectContainer(target: Container): Connection {
  // Tested here, so that a stopped container is a connection problem.
  const { program, before, escaped } = entry(target)
  return connectPrograms(
    (command) => [program, [...before, '/bin/sh', '-c', escaped(command)]],
    (status, said) => notBegun(target, status, said),
  )
}

/** The command that opens an interactive shell in a container. */
export function containerShell(
  target: Container,
  command: string | undefined,
  isTerminal: boolean,
): [program: string, words: readonly string[]] {
  const { kind, container, user } = target
  const inside = command === undefined ? [] : ['/bin/sh', '-c', command]
  if (kind === 'machinectl')
    return ['machinectl', ['shell', user === undefined ? container : `${user}@${container}`, ...inside]]
  const { program, before } = entry(target, isTerminal)
  return [program, [...before, ...(command === undefined ? ['/bin/sh'] : inside)]]
}

interface Entry {
  readonly program: string
  readonly before: readonly string[]
  /** Escapes a word for the program. */
  readonly escaped: (word: string) => string
}

const asIs = (word: string) => word

function entry({ kind, host, container, user, program = kind, options = [] }: Container, isTerminal = false): Entry {
  switch (kind) {
    case 'docker':
    case 'podman': {
      const how = ['exec', '--interactive', ...(isTerminal ? ['--tty'] : [])]
      const who = user === undefined ? [] : ['--user', user]
      return { program, before: [...options, ...how, ...who, container], escaped: asIs }
    }
    case 'machinectl':
      // `machinectl shell` uses a terminal, which changes the data. systemd-run makes the same session with pipes.
      return {
        program: 'systemd-run',
        before: [
          `--machine=${container}`,
          '--pipe',
          '--wait',
          '--quiet',
          '--collect',
          ...(user === undefined ? [] : [`--uid=${user}`]),
          '--',
        ],
        // systemd expands $NAME, and $$ to $. Source: systemd.service(5), COMMAND LINES.
        escaped: (word) => word.replaceAll('$', '$$$$'),
      }
    case 'nspawn': {
      const leader = leaderOf(container)
      if (leader === undefined) throw new RolecallError(noMachine(host, container))
      const login = user === undefined || user === 'root' ? [] : ['su', '-s', '/bin/sh', user, '-c', 'exec "$0" "$@"']
      return {
        program: 'nsenter',
        before: [`--target=${leader}`, '--mount', '--uts', '--ipc', '--net', '--pid', '--root', '--wd', '--', ...login],
        escaped: asIs,
      }
    }
  }
}

function noMachine(host: string, container: string): Problem {
  return {
    code: 'connect',
    host,
    message: `no container ${container} of systemd-nspawn runs on this machine`,
    hint: 'start it, or correct ansible_host; entering one takes root',
  }
}

/** systemd's exit statuses for a command that did not start. Source: systemd.exec(5), PROCESS EXIT CODES. */
const OF_SYSTEMD: Readonly<Record<string, string>> = {
  'status 203': 'there is no /bin/sh (203/EXEC)',
  'status 217': 'there is no such user (217/USER)',
}

function notBegun({ kind, host, container, user }: Container, status: string, said: string): Problem {
  const meant = (kind === 'machinectl' ? OF_SYSTEMD[status] : undefined) ?? status
  return {
    code: 'connect',
    host,
    message: `${kind} cannot run commands in ${container}`,
    expected: `a running container with /bin/sh in it${user === undefined ? '' : `, and the user ${user}`}`,
    got: said === '' ? meant : said,
    hint: `see whether it runs, and whether this user may use ${kind}`,
  }
}
