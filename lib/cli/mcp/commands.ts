import { Command, Option } from 'commander'
import { examples } from '../help/examples.ts'
import { withInventory } from '../run-options.ts'
import type { McpFlags } from './serve.ts'

/** `rolecall mcp`, or as others call it `rolecall serve --mcp` */
export function mcpCommand(): Command {
  return withInventory(new Command('mcp').alias('serve'))
    .summary('a server for agents: read, check, and apply only what was approved')
    .description(
      'Serves this project to an agent over MCP (Model Context Protocol), on standard input and output. Its tools read: inventory, variables, checks, plans, runs, kinds. ' +
        'Nothing on any host is changed, unless --allow-apply says so.',
    )
    .option(
      '--allow-apply [digest...]',
      'also a tool that applies saved plans: those with these SHA-256 digests, or, without one, each whose digest the agent names',
    )
    .addOption(new Option('--mcp').hideHelp())
    .addHelpText(
      'after',
      examples(
        ['rolecall mcp', 'what an agent starts, in the directory of the project'],
        ['claude mcp add rolecall -- npx rolecall mcp', 'tells an agent of it'],
        ['rolecall mcp --allow-apply', 'it may apply plans that it saved and named by their digest'],
      ),
    )
    .action(async (flags: McpFlags) => (await import('./serve.ts')).serveMcp(flags))
}
