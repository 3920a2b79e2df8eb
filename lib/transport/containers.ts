import { readdirSync, readFileSync } from 'node:fs'
import { RolecallError, type Problem } from '../errors.ts'
import { connectPrograms } from './programs.ts'
import type { Connection } from './transport.ts'

/** A container of this machine, by its name or id. */
export interface Container {
  readonly kind: 'docker' | 'podman' | 'machinectl' | 'nspawn'
  /** The inventory's name of the host, for messages. */
  readonly host: string
  readonly container: string
  /** Absent: as the container itself has it. */
  readonly user?: string
}

/** A container is reached by the program that runs it, without sshd. */
export function connectContainer(target: Container): Connection {
  const words = wordsFor(target)
  return connectPrograms(
    (command) => [words.program, [...words.before, '/bin/sh', '-c', command]],
    (status, said) => notBegun(target, status, said),
  )
}

function wordsFor({ kind, host, container, user }: Container): { program: string; before: readonly string[] } {
  switch (kind) {
    case 'docker':
    case 'podman':
      return {
        program: kind,
        before: ['exec', '--interactive', ...(user === undefined ? [] : ['--user', user]), container],
      }
    case 'machinectl':
      // `machinectl shell` has a terminal, which changes what passes; systemd-run makes the same session with pipes.
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
      }
    case 'nspawn': {
      const leader = leaderOf(container)
      if (leader === undefined) throw new RolecallError(noMachine(host, container))
      const login = user === undefined || user === 'root' ? [] : ['su', '-s', '/bin/sh', user, '-c', 'exec "$0" "$@"']
      return {
        program: 'nsenter',
        before: [`--target=${leader}`, '--mount', '--uts', '--ipc', '--net', '--pid', '--root', '--wd', '--', ...login],
      }
    }
  }
}

/** The first process of a container of systemd-nspawn, whether or not systemd-machined knows of it. Source: proc(5). */
function leaderOf(container: string): string | undefined {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      const at = words.findIndex((word) => word === '-M' || word === '--machine')
      const isNamed = words[at + 1] === container && at >= 0
      if (!/(^|\/)systemd-nspawn$/.test(words[0] ?? '')) continue
      if (!isNamed && !words.includes(`--machine=${container}`) && !words.includes(`-M${container}`)) continue
      const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
      if (child !== undefined && child !== '') return child
    } catch {
      continue
    }
  }
  return undefined
}

function noMachine(host: string, container: string): Problem {
  return {
    code: 'connect',
    host,
    message: `no container ${container} of systemd-nspawn runs on this machine`,
    hint: 'start it, or correct ansible_host; entering one takes root',
  }
}

function notBegun({ kind, host, container, user }: Container, status: string, said: string): Problem {
  return {
    code: 'connect',
    host,
    message: `${kind} runs no command in ${container}`,
    expected: `a running container with /bin/sh in it${user === undefined ? '' : `, and the user ${user}`}`,
    got: said === '' ? status : said,
    hint: `see whether it runs, and whether this user may use ${kind}`,
  }
}
