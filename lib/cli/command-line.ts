import { CommanderError, type Command } from 'commander'
import { RolecallError, type Problem } from '../errors.ts'
import type { Mode } from '../events.ts'
import { stopsWorkflowCommands } from '../report/views/folding.ts'
import { reportError, type ErrorOutput } from './report-error.ts'
import { surviveLostOutput } from './environment.ts'
import { EXIT } from './exit-codes.ts'
import { isHandledByRole } from '../runner/stray-errors.ts'
import { runningRole, runUnwatched } from '../resources/kit/role-watch.ts'
import { placeOfError } from '../place.ts'
import { errorMessage } from '../text/error-message.ts'
import { program } from './program.ts'
import { inProject } from './project-directory.ts'

/** Parses the arguments, runs the command and sets the exit code of the process. Every error ends here. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  Object.assign(globalThis, ZOD_SETTINGS)
  surviveLostOutput()
  reportUncaught(errorOutputOf(args))
  process.stderr.write(stopsWorkflowCommands(args[0], process.env))
  try {
    const root = program(args[0])
    refuseUnknownHelp(root, args)
    await root.parseAsync(inProject(args), { from: 'user' })
    if (RUNS_ROLES.has(args[0] ?? '')) exitDespiteLeftovers()
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return
    if (error instanceof CommanderError && error.code === 'commander.help') {
      process.exitCode = EXIT.request
      return
    }
    const reason = error instanceof CommanderError ? await usageError(error, args) : error
    process.exitCode = await reportError(reason, errorOutputOf(args))
  }
}

/**
 * The effect of zod's `config({ jitless: true })`, without loading zod, which most commands do not need. Compiling a schema to a function pays off after
 * hundreds of values, and a run has a few: not compiling saves 15 ms of each start.
 */
const ZOD_SETTINGS = { __zod_globalConfig: { jitless: true } }

const RUNS_ROLES: ReadonlySet<string> = new Set(['check', 'apply', 'verify', 'resume', 'test', 'drift'])
/** How long the process may stay alive after the command: several short waits, so that a slow machine has time to close its own connections. */
const LEFTOVER_WAIT_MS = 200
const LEFTOVER_WAITS = 10

/**
 * Exits even if a role left a timer, a server or a connection open on this machine, which would keep the process alive for ever. This timer alone does not
 * keep it alive.
 */
function exitDespiteLeftovers(waits = LEFTOVER_WAITS): void {
  setTimeout(() => {
    // Output is still being read.
    if (process.stdout.writableLength > 0) return exitDespiteLeftovers()
    if (waits > 1) return exitDespiteLeftovers(waits - 1)
    const left = [...new Set(process.getActiveResourcesInfo())].filter((name) => !/^(?:TTY|Pipe|FS)/.test(name))
    const what = left.length === 0 ? '' : ` (${left.join(', ')})`
    process.stderr.write(`note: a role left something running on this machine${what}: it ends with the run\n`)
    process.exit()
  }, LEFTOVER_WAIT_MS).unref()
}

/** `rolecall help chek` is an error: commander would print the help of the whole program. */
function refuseUnknownHelp(root: Command, [first, word]: readonly string[]): void {
  if (first !== 'help' || word === undefined || word.startsWith('-')) return
  if (root.commands.some((command) => command.name() === word) || word === 'help') return
  throw new CommanderError(EXIT.request, 'commander.unknownCommand', `error: unknown command '${word}'`)
}

/** Reports errors that nothing catches, such as one from a timer of a role that has ended. Node would print them with a stack and unmasked values. */
function reportUncaught(output: ErrorOutput): void {
  process.on('uncaughtException', (error) => {
    if (isHandledByRole()) return
    const isFromRole = runningRole() !== undefined
    const reason = isFromRole ? new RolecallError(leftoverProblem(error)) : error
    // A role's own code may not exit the process. This code runs in the role's context, but is not the role's.
    runUnwatched(() => void reportError(reason, output).then((code) => process.exit(isFromRole ? EXIT.failed : code)))
  })
}

/** The problem for an error from a role that has already ended. */
function leftoverProblem(error: unknown): Problem {
  const place = placeOfError(error)
  return {
    code: 'role-threw',
    message: `something that a role left running failed: ${errorMessage(error).split('\n')[0] ?? ''}`,
    ...(place === undefined ? {} : { place }),
    hint: 'await it in the role, or end it before the role ends',
  }
}

/** The output format, read without commander, because it is needed even if the arguments cannot be parsed. */
function errorOutputOf(args: readonly string[]): ErrorOutput {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args
  const mode = MODES.find((one) => own[0] === one) ?? (own[0] === 'resume' ? 'apply' : undefined)
  return {
    json: own.includes('--json'),
    verbose: own.some((word) => /^(-v+|--verbose)$/.test(word)),
    ...(mode === undefined ? {} : { mode }),
  }
}

const MODES: readonly Mode[] = ['check', 'apply', 'verify']

/** Commander's error in our own form, with a hint. */
async function usageError({ code, message }: CommanderError, args: readonly string[]): Promise<RolecallError> {
  const { commandHint, extraWordHint, missingWordHint, namesOf, optionAsTyped, optionHint } =
    await import('./help/usage-hints.ts')
  const command = commandIn(program(), args)
  const names = namesOf(command).map((name) => `${name} `)
  const [sentence = ''] = message.replace(/^error: /, '').split('\n')
  const [, word = ''] = /'([^']*)'/.exec(sentence) ?? []
  const problem = (hint: string | undefined, text = sentence): Problem => ({
    code: 'usage',
    message: text,
    hint: hint ?? `rolecall ${names.join('')}--help shows how it is used`,
  })
  switch (code) {
    case 'commander.unknownCommand':
      return new RolecallError(problem(commandHint(word, command)))
    case 'commander.unknownOption': {
      const option = optionAsTyped(word, args)
      return new RolecallError(problem(optionHint(option, command, args), `unknown option '${option}'`))
    }
    case 'commander.missingArgument':
      return new RolecallError(problem(missingWordHint(word, command, names.join(''))))
    case 'commander.excessArguments':
      return new RolecallError(problem(extraWordHint(command, args)))
    default:
      return new RolecallError(problem(undefined))
  }
}

/** The command or subcommand that the first words name. */
function commandIn(at: Command, [word, ...rest]: readonly string[]): Command {
  const child = at.commands.find((each) => each.name() === word)
  return child === undefined ? at : commandIn(child, rest)
}
