import { RolecallError } from '../../errors.ts'
import { handView } from '../../report/views/by-hand.ts'
import type { HandWork } from '../../runner/by-hand/hand-work.ts'
import type { RunFlags } from '../run-options.ts'
import { quotedWord } from '../next-commands.ts'
import { performOnHosts } from './perform.ts'

export interface CommandFlags extends RunFlags {
  readonly user?: string
  readonly deadline?: number
  readonly stream?: boolean
}

/** Bytes of output that one command may print on one host. */
const MOST_BYTES = 160 * 1024 * 1024

/** `rolecall run COMMAND`: one command on some hosts. */
export async function runCommand(words: readonly string[], limit: string, flags: CommandFlags): Promise<void> {
  // A single argument is a line of shell. Several arguments are a program with its arguments, which are quoted, unlike with `ssh HOST WORDS`.
  const [first = ''] = words
  const command = words.length === 1 ? first : words.map(quotedWord).join(' ')
  if (command.trim() === '')
    throw new RolecallError({
      code: 'usage',
      message: 'the command is empty',
      expected: 'a line of shell, or a program with its arguments',
      hint: "rolecall run 'systemctl is-active nginx' -l web",
    })
  const view = handView({
    stream: flags.stream === true,
    quiet: flags.quiet === true,
  })
  await performOnHosts({ work: commandWork(command, limit, flags), limit, view, isKept: true }, flags)
}

/** One command as a run by hand. A status other than 0 is a failure. */
function commandWork(command: string, limit: string, { user, deadline }: CommandFlags): HandWork {
  return {
    command: `run ${quotedWord(command)} -l ${quotedWord(limit)}`,
    resource: `run:${command.split('\n', 1)[0] ?? ''}`,
    summary: command,
    locksHost: false,
    ...(user === undefined ? {} : { user }),
    perform: async (host, hear) => {
      const status = await host.run({
        script: command,
        mostBytes: MOST_BYTES,
        ...(deadline === undefined ? {} : { seconds: deadline }),
        onStdout: (bytes) => hear('stdout', bytes),
        onStderr: (bytes) => hear('stderr', bytes),
      })
      if (status === 0) return { type: 'changed' }
      return { type: 'failed', problem: { code: 'step-failed', message: `it ended with status ${status}` } }
    },
  }
}
