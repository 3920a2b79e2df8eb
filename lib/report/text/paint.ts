import { Chalk, supportsColor, supportsColorStderr, type ColorSupportLevel } from 'chalk'
import type { Status } from '../../events.ts'

type Brush = (text: string) => string

/** Styles of text by meaning. */
export interface Paint {
  readonly ok: Brush
  readonly change: Brush
  readonly unknown: Brush
  readonly failed: Brush
  readonly dim: Brush
  readonly strong: Brush
  readonly added: Brush
  readonly removed: Brush
  readonly hunk: Brush
}

const as: Brush = (text) => text

/** No colours: for pipes, files and tests. */
export const plainPaint: Paint = {
  ok: as,
  change: as,
  unknown: as,
  failed: as,
  dim: as,
  strong: as,
  added: as,
  removed: as,
  hunk: as,
}

/** The colours that a stream can show and the user wants. */
export function paintFor(stream: 'stdout' | 'stderr', env: NodeJS.ProcessEnv = process.env): Paint {
  const level = colorLevel(stream, env)
  if (level === 0) return plainPaint
  const chalk = new Chalk({ level })
  return {
    ok: chalk.green,
    change: chalk.yellow,
    unknown: chalk.magenta,
    failed: chalk.red,
    dim: chalk.dim,
    strong: chalk.bold,
    added: chalk.green,
    removed: chalk.red,
    hunk: chalk.cyan,
  }
}

/** chalk reads FORCE_COLOR and TERM, but not NO_COLOR (no-color.org). */
function colorLevel(stream: 'stdout' | 'stderr', env: NodeJS.ProcessEnv): ColorSupportLevel {
  if ((env['NO_COLOR'] ?? '') !== '' && env['FORCE_COLOR'] === undefined) return 0
  const support = stream === 'stdout' ? supportsColor : supportsColorStderr
  return support === false ? 0 : support.level
}

/** The style of a status. */
export function brushFor(status: Status, paint: Paint): Brush {
  switch (status) {
    case 'ok':
      return paint.ok
    case 'changed':
      return paint.change
    case 'unknown':
      return paint.unknown
    case 'failed':
      return paint.failed
    case 'skipped':
      return paint.dim
  }
}
