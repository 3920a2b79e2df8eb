import { columnsOf } from '../../report/text/screen-size.ts'

/**
 * The examples at the end of a help text, each with a command and its purpose, on two lines if the screen is too narrow.
 */
export function examples(...pairs: readonly (readonly [command: string, what: string])[]): string {
  const columns = columnsOf(process.stdout)
  const column = Math.max(...pairs.map(([command]) => command.length))
  const widest = Math.max(...pairs.map(([, what]) => what.length))
  const isWide = column + widest + 4 <= columns
  const lines = pairs.map(([command, what]) =>
    isWide ? `  ${command.padEnd(column)}  ${what}` : `  ${command}\n      ${what}`,
  )
  return `\nExamples:\n${lines.join('\n')}`
}
