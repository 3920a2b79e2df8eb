import { CommanderError, type Command } from 'commander'
import { RolecallError, type Problem } from '../errors.ts'
import type { Mode } from '../events.ts'
import { stopsWorkflowCommands } from '../report/views/folding.ts'
import { reportError, type ErrorOutput } from './report-error.ts'
import { surviveLostOutput } from './environment.ts'
import { EXIT } from './exit-codes.ts'
import { isToldToRole } from '../runner/stray-errors.ts'
import { runningRole, runUnwatched } from '../resources/kit/role-watch.ts'
import { placeIn } from '../place.ts'
import { errorMessage } from '../text/error-message.ts'
import { program } from './program.ts'
import { inProject } from './project-directory.ts'

/** Parses, runs, and sets the exit code of the process: the one place where errors end. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  Object.assign(globalThis, ZOD_SETTINGS)
  surviveLostOutput()
  reportUncaught(errorOutputOf(args))
  process.stderr.write(stopsWorkflowCommands(args[0], process.env))
  try {
    const root = program(args[0])
    refuseHelpOfNothing(root, args)
    await root.parseAsync(inProject(args), { from: 'user' })
    if (RUNS_ROLES.has(args[0] ?? '')) endLeftWork()
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return
    if (error instanceof CommanderError && error.code === 'commander.help') {
      process.exitCode = EXIT.request
      return
    }
    const reason = error instanceof CommanderError ? await usageRefusal(error, args) : error
    process.exitCode = await reportError(reason, errorOutputOf(args))
  }
}

/**
 * What zod's own `config({ jitless: true })` sets, before zod is loaded: most commands need no schema. One that is compiled to a function of its own pays
 * after hundreds of values, and a run has a few: 15 ms of each start.
 */
const ZOD_SETTINGS = { __zod_globalConfig: { jitless: true } }

const RUNS_ROLES: ReadonlySet<string> = new Set(['check', 'apply', 'verify', 'resume', 'test', 'drift'])
/** How long what a role has begun on this machine may outlive the command, in turns: a process that gets no processor meanwhile ends its own connections in the first one. */
const LEFT_MS = 200
const LEFT_TURNS = 10

/**
 * A timer, a server or a connection that a role has left open would keep the process alive for ever. The timer here does not: it comes to pass only where
 * something else does.
 */
function endLeftWork(turns = LEFT_TURNS): void {
  setTimeout(() => {
    // Somebody still reads what was printed.
    if (process.stdout.writableLength > 0) return endLeftWork()
    if (turns > 1) return endLeftWork(turns - 1)
    const left = [...new Set(process.getActiveResourcesInfo())].filter((name) => !/^(?:TTY|Pipe|FS)/.test(name))
    const what = left.length === 0 ? '' : ` (${left.join(', ')})`
    process.stderr.write(`note: a role left something at work on this machine${what}: it ends with the run\n`)
    process.exit()
  }, LEFT_MS).unref()
}

/** `rolecall help chek`: the help of everything is no answer to that. */
function refuseHelpOfNothing(root: Command, [first, word]: readonly string[]): void {
  if (first !== 'help' || word === undefined || word.startsWith('-')) return
  if (root.commands.some((command) => command.name() === word) || word === 'help') return
  throw new CommanderError(EXIT.request, 'commander.unknownCommand', `error: unknown command '${word}'`)
}

/** What a role leaves to fail by itself, such as in a timer: Node would print it with all that is in it. */
function reportUncaught(ear: ErrorOutput): void {
  process.on('uncaughtException', (error) => {
    if (isToldToRole()) return
    const isRole = runningRole() !== undefined
    const told = isRole ? new RolecallError(leftToFail(error)) : error
    // The code of a role may not exit: this is not its own.
    runUnwatched(() => void reportError(told, ear).then((code) => process.exit(isRole ? EXIT.failed : code)))
  })
}

/** The role is over, and so may be the whole run. */
function leftToFail(error: unknown): Problem {
  const place = error instanceof Error ? placeIn(error.stack ?? '') : undefined
  return {
    code: 'role-threw',
    message: `something that a role has left at work failed: ${errorMessage(error).split('\n')[0] ?? ''}`,
    ...(place === undefined ? {} : { place }),
    hint: 'await it in the role, or end it before the role ends',
  }
}

/** What can be said even when the arguments could not be understood. */
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

async function usageRefusal({ code, message }: CommanderError, args: readonly string[]): Promise<RolecallError> {
  const { commandHint, extraWordHint, optionAsTyped, optionHint } = await import('./help/usage-hints.ts')
  const command = commandIn(program(), args)
  const names = namesOf(command).map((name) => `${name} `)
  const [sentence = ''] = message.replace(/^error: /, '').split('\n')
  const [, word = ''] = /'([^']*)'/.exec(sentence) ?? []
  const refusal = (meant: string | undefined, said = sentence): Problem => ({
    code: 'usage',
    message: said,
    hint: meant ?? `rolecall ${names.join('')}--help shows how it is used`,
  })
  switch (code) {
    case 'commander.unknownCommand':
      return new RolecallError(refusal(commandHint(word, command)))
    case 'commander.unknownOption': {
      const option = optionAsTyped(word, args)
      return new RolecallError(refusal(optionHint(option, command, args), `unknown option '${option}'`))
    }
    case 'commander.excessArguments':
      return new RolecallError(refusal(extraWordHint(command)))
    default:
      return new RolecallError(refusal(undefined))
  }
}

/** The command that the first words name. */
function commandIn(at: Command, [word, ...rest]: readonly string[]): Command {
  const child = at.commands.find((each) => each.name() === word)
  return child === undefined ? at : commandIn(child, rest)
}

/** `lab ssh` */
function namesOf(command: Command): string[] {
  return command.parent === null ? [] : [...namesOf(command.parent), command.name()]
}
