/** The examples at the end of a help text: each a command and what it is for. */
export function examples(...pairs: readonly (readonly [command: string, what: string])[]): string {
  const column = Math.max(...pairs.map(([command]) => command.length))
  const lines = pairs.map(([command, what]) => `  ${command.padEnd(column)}  ${what}`)
  return `\nExamples:\n${lines.join('\n')}`
}
