import { spawn } from 'node:child_process'
import { RolecallError } from '../../errors.ts'
import type { Become } from '../../inventory/connections/connection.ts'
import type { Host } from '../../inventory/inventory.ts'
import { selectLimit } from '../../inventory/patterns/limit.ts'
import { openProjectInventory } from '../../playbook/load/inventory.ts'
import { counted, listed } from '../../report/text/words.ts'
import { quote } from '../../sh/quote.ts'
import { wordsOf } from '../../ssh-config/question.ts'
import { containerShell } from '../../transport/containers.ts'
import { withSecrets } from '../../vault/repository-secrets.ts'
import { exitCodeOfSignal } from '../exit-codes.ts'
import { pathsOf, type RunFlags } from '../run-options.ts'
import { secretsOf } from '../vault/vault-options.ts'

export interface LoginFlags extends RunFlags {
  readonly become?: boolean
}

/** `rolecall ssh HOST [COMMAND]`: a shell on a host, reached as runs reach it. The exit code is that of the shell. */
export async function logIn(pattern: string, command: readonly string[], flags: LoginFlags): Promise<void> {
  const host = await oneHost(pattern, flags)
  const [program, words] = loginWords(host, command, flags.become === true)
  const child = spawn(program, words, { stdio: 'inherit' })
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', () => reject(new RolecallError(noProgram(program))))
    child.once('exit', (code, signal) => resolve(code ?? exitCodeOfSignal(signal ?? 'SIGINT')))
  })
}

async function oneHost(pattern: string, flags: RunFlags): Promise<Host> {
  const secrets = await secretsOf(flags)
  const inventory = await withSecrets(secrets, () =>
    openProjectInventory(pathsOf(flags.inventory), { extra: flags.extra ?? [], secrets, once: {} }),
  )
  secrets.settle()
  const hosts = selectLimit(inventory, pattern, 'HOST')
  const [host] = hosts
  if (host !== undefined && hosts.length === 1) return host
  throw new RolecallError({
    code: 'usage',
    message: `${pattern} means ${counted(hosts.length, 'host')}`,
    expected: 'one host to log in to',
    got: listed(hosts.map(({ name }) => name)),
    hint: `rolecall run COMMAND -l ${pattern} runs a command on all of them`,
  })
}

/**
 * The program that opens a shell, and its arguments.
 *
 * @param becomes whether to open a shell of the user that runs become
 */
function loginWords(
  { name: host, connection }: Pick<Host, 'name' | 'connection'>,
  command: readonly string[],
  becomes: boolean,
): [program: string, words: readonly string[]] {
  const shell = becomes && connection.become !== undefined ? becomeShell(connection.become, command) : undefined
  const inside = shell ?? (command.length === 0 ? undefined : command.join(' '))
  switch (connection.kind) {
    case 'local':
      return inside === undefined ? [process.env['SHELL'] ?? '/bin/sh', ['-l']] : ['/bin/sh', ['-c', inside]]
    case 'ssh':
      return [
        'ssh',
        [
          ...(command.length === 0 || process.stdin.isTTY ? ['-t'] : []),
          // ssh refuses a command beside the RemoteCommand of its configuration, which is for a login without one.
          ...(inside === undefined ? [] : ['-o', 'RemoteCommand=none']),
          ...wordsOf(connection),
          '--',
          connection.address,
          ...(inside === undefined ? [] : [inside]),
        ],
      ]
    case 'docker':
    case 'podman':
    case 'machinectl':
    case 'nspawn':
      return containerShell({ ...connection, host }, inside, process.stdin.isTTY)
  }
}

/** sudo and su ask for the password on the terminal. */
function becomeShell({ user, method, exe }: Become, command: readonly string[]): string {
  const program = quote(exe ?? method ?? 'sudo')
  const inside = quote(command.join(' '))
  if (method === 'su') return `${program} - ${quote(user)}${command.length === 0 ? '' : ` -c ${inside}`}`
  const login = method === 'doas' ? '-- /bin/sh -l' : '-i'
  return `${program} -u ${quote(user)} ${command.length === 0 ? login : `-- /bin/sh -c ${inside}`}`
}

function noProgram(program: string) {
  return {
    code: 'usage' as const,
    message: `the program ${program} is not installed`,
    expected: `${program} in PATH, which opens the shell`,
    hint: program === 'ssh' ? 'install it (Debian: openssh-client, Red Hat: openssh-clients)' : `install ${program}`,
  }
}
