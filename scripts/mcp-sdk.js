// What lib/cli/mcp/ needs of the SDK of MCP: the build makes dist/mcp.cjs of it.
export { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
export { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
