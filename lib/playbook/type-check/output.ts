import { resolve } from 'node:path'
import type { Place } from '../../errors.ts'
import { friendly } from '../load/find.ts'

/** The errors that the TypeScript compiler found, and the files that it read. */
export interface Diagnostics {
  readonly errors: readonly Diagnostic[]
  /** Absolute paths. */
  readonly files: readonly string[]
}

interface Diagnostic {
  /** Undefined for problems of the settings as a whole. */
  readonly place?: Place
  /** Such as `TS2345`. */
  readonly code: string
  readonly message: string
  /** The lines that explain the message. */
  readonly details?: string
}

/**
 * Reads what `tsc --pretty false --listFiles` prints in the directory `/`.
 *
 * Source: `FILE(LINE,COLUMN): error CODE: MESSAGE`, explained by indented lines; TypeScript 4 to 7.
 */
export function readDiagnostics(output: string, cwd: string): Diagnostics {
  const errors: { place?: Place; code: string; message: string; details: string[] }[] = []
  const files: string[] = []
  for (const line of output.split(/\r?\n/)) {
    const [, file, row, column, code, message] = /^(?:(.+?)\((\d+),(\d+)\): )?error (TS\d+): (.*)$/.exec(line) ?? []
    if (code !== undefined && message !== undefined) {
      const place = file === undefined ? undefined : { file: friendly(resolve('/', file), cwd) }
      errors.push({
        ...(place === undefined ? {} : { place: { ...place, line: Number(row), column: Number(column) } }),
        code,
        message,
        details: [],
      })
    } else if (/^\s+\S/.test(line)) errors.at(-1)?.details.push(line)
    else if (line !== '') files.push(resolve('/', line))
  }
  return {
    errors: errors.map(({ details, ...error }) => ({
      ...error,
      ...(details.length === 0 ? {} : { details: details.join('\n') }),
    })),
    files,
  }
}
