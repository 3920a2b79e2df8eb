import { CommanderError } from 'commander'
import { Refusal, type Problem } from '../errors.ts'
import type { Mode } from '../events.ts'
import { complain, type Ear } from './report-error.ts'
import { EXIT } from './exit-codes.ts'
import { program } from './program.ts'

/** Parses, runs, and sets the exit code of the process: the one place where errors end. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  surviveClosedPipes()
  complainOfUncaught(earOf(args))
  try {
    await program().parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return
    if (error instanceof CommanderError && error.code === 'commander.help') {
      process.exitCode = EXIT.request
      return
    }
    const reason = error instanceof CommanderError ? usageRefusal(error, args) : error
    process.exitCode = await complain(reason, earOf(args))
  }
}

/** What a role leaves to fail by itself, such as in a timer: Node would print it with all that is in it. */
function complainOfUncaught(ear: Ear): void {
  process.on('uncaughtException', (error) => void complain(error, ear).then((code) => process.exit(code)))
}

/** What can be said even when the arguments could not be understood. */
function earOf(args: readonly string[]): Ear {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args
  const mode = MODES.find((one) => own[0] === one) ?? (own[0] === 'resume' ? 'apply' : undefined)
  return {
    json: own.includes('--json'),
    verbose: own.some((word) => /^(-v+|--verbose)$/.test(word)),
    ...(mode === undefined ? {} : { mode }),
  }
}

const MODES: readonly Mode[] = ['check', 'apply', 'verify']

function usageRefusal({ message }: CommanderError, args: readonly string[]): Refusal {
  const known = program().commands.find((command) => command.name() === args[0])
  const help = `rolecall ${known === undefined ? '' : `${known.name()} `}--help shows how it is used`
  const [sentence = '', ...rest] = message.replace(/^error: /, '').split('\n')
  const meant = /\((Did you mean .*)\)/.exec(rest.join(' '))?.[1]
  const problem: Problem = { code: 'usage', message: sentence, hint: meant === undefined ? help : `d${meant.slice(1)}` }
  return new Refusal(problem)
}

/** `rolecall list hosts | head -1`: whoever reads has read enough, and that is no error. Work on hosts goes on. */
function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error
    })
  }
}
