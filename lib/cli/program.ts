import { Command, type Argument } from 'commander'
import { applyCommand } from './commands/apply.ts'
import { checkCommand } from './commands/check.ts'
import { explainCommand } from './commands/explain.ts'
import { labCommand } from './commands/lab.ts'
import { listCommand } from './commands/list.ts'
import { completeCommand, completionCommand } from './commands/completion.ts'
import { examples } from './help/examples.ts'
import { EXIT } from './exit-codes.ts'
import { reportCommand } from './commands/report.ts'
import { resumeCommand } from './commands/resume.ts'
import { historyCommand } from './commands/history.ts'
import { runsCommand } from './commands/runs.ts'
import { vaultCommand } from './commands/vault.ts'
import { copyCommand, factsCommand, pingCommand, runCommandCommand, sshCommand } from './by-hand/commands.ts'
import { doctorCommand, initCommand, schemaCommand } from './new-project/commands.ts'
import { driftCommand, testCommand } from './checking/commands.ts'
import { planCommand } from './plans/commands.ts'
import { mcpCommand } from './mcp/commands.ts'
import { verifyCommand } from './commands/verify.ts'

/** Each command by its name, in the order of the help. */
const COMMANDS: ReadonlyMap<string, () => Command> = new Map([
  ['init', initCommand],
  ['doctor', doctorCommand],
  ['schema', schemaCommand],
  ['check', checkCommand],
  ['apply', applyCommand],
  ['verify', verifyCommand],
  ['plan', planCommand],
  ['drift', driftCommand],
  ['test', testCommand],
  ['list', listCommand],
  ['explain', explainCommand],
  ['run', runCommandCommand],
  ['copy', copyCommand],
  ['ssh', sshCommand],
  ['facts', factsCommand],
  ['ping', pingCommand],
  ['vault', vaultCommand],
  ['lab', labCommand],
  ['runs', runsCommand],
  ['history', historyCommand],
  ['report', reportCommand],
  ['resume', resumeCommand],
  ['mcp', mcpCommand],
  ['completion', completionCommand],
])

/**
 * The command line as a tree of commands: all of them, or only the requested one, because building all takes 3 ms of CPU. The code of a command is
 * loaded when it runs.
 *
 * @example
 * program()           // for the help, completion and hints
 * program('apply')    // to run `rolecall apply`; an unknown word gives the whole tree
 */
export function program(word?: string): Command {
  const root = new Command('rolecall')
    .description('Sets up Linux hosts over SSH with playbooks in TypeScript, and shows all changes beforehand.')
    .version(process.env['ROLECALL_VERSION'] ?? 'development', '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText(
      'after',
      `${examples(
        ['rolecall check site', 'show what would change'],
        ['rolecall apply site', 'change it'],
        ['rolecall verify site', 'check that it works'],
      )}\n\n${EXIT_CODES}`,
    )
  const named = COMMANDS.get(word ?? '')
  for (const command of named === undefined ? COMMANDS.values() : [named]) root.addCommand(command())
  root.addCommand(completeCommand(root), { hidden: true })
  forEach(root, configure)
  return root
}

/** Sets how a command prints its help, and leaves errors to `reportError`. */
function configure(command: Command): void {
  if (command.commands.length > 0) command.helpCommand('help [command]', 'print the help of a command')
  command.exitOverride().helpOption('-h, --help', 'print this help').showSuggestionAfterError(false)
  // Help for a command without arguments still goes to standard error.
  command.configureOutput({ outputError: () => undefined })
  command.configureHelp({
    showGlobalOptions: false,
    sortSubcommands: false,
    minWidthToWrap: 24,
    // Nearly every command has options, so only arguments are shown.
    subcommandTerm: (child) => [child.name(), ...child.registeredArguments.map(argumentTerm)].join(' '),
    commandDescription: (described) => joinLines(described.description()),
    subcommandDescription: (child) => joinLines(child.summary() === '' ? child.description() : child.summary()),
  })
}

/** Line breaks in a description are those of the source code; commander wraps it again for the terminal. */
function joinLines(description: string): string {
  return description.replaceAll(/(?<!\n)\n(?!\n| )/g, ' ')
}

/** The meaning of every exit code, for `--help`. */
const MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  done: 'done',
  request: 'the request is wrong and touched no host, or output or journal are lost',
  failed: 'a host failed',
  wouldChange: 'check --exit-code: something would change',
  unreachable: 'a host could not be reached, or was busy',
  stalePlan: 'a saved plan is stale',
  bug: 'a bug in Rolecall',
  hungUp: 'its terminal was closed (SIGHUP)',
  interrupted: 'ended by Ctrl-C (SIGINT)',
  terminated: 'ended by SIGTERM',
}

const EXIT_CODES = `Exit codes:\n${Object.entries(EXIT)
  .map(([name, code]) => `  ${String(code).padEnd(3)}  ${MEANINGS[name as keyof typeof EXIT]}`)
  .join('\n')}`

function argumentTerm(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${name}>` : `[${name}]`
}

function forEach(command: Command, visit: (command: Command) => void): void {
  visit(command)
  for (const child of command.commands) forEach(child, visit)
}
