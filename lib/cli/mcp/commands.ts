import { Command, Option } from 'commander'
import { examples } from '../help/examples.ts'
import { withInventory } from '../run-options.ts'
import type { McpFlags } from './serve.ts'

/** `rolecall mcp`, or `rolecall serve --mcp` as in other programs */
export function mcpCommand(): Command {
  return withInventory(new Command('mcp').alias('serve'))
    .summary('a server for agents: read, check, and apply only what was approved')
    .description(
      'Serves this project to an agent over MCP (Model Context Protocol), on standard input and output. Its tools read inventory, variables, checks, plans, runs and kinds. ' +
        'Nothing on any host is changed, unless --allow-apply is given.',
    )
    .option(
      '--allow-apply [digest...]',
      'add a tool that applies saved plans: those with these SHA-256 digests, or without a value any plan whose digest the agent names',
    )
    .addOption(new Option('--mcp').hideHelp())
    .addHelpText(
      'after',
      examples(
        ['rolecall mcp', 'started by an agent, in the directory of the project'],
        ['claude mcp add rolecall -- npx rolecall mcp', 'adds the server to an agent'],
        ['rolecall mcp --allow-apply', 'the agent may apply saved plans by their digest'],
      ),
    )
    .action(async (flags: McpFlags) => (await import('./serve.ts')).serveMcp(flags))
}
