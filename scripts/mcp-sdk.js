// The parts of the MCP SDK that lib/cli/mcp/ uses: the build makes dist/mcp.cjs of them.
export { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
export { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
