import { createHash } from 'node:crypto'
import { raw, sh, type Sh } from '../../sh/quote.ts'

/** What the exit code of a command means, beside success and failure. */
export interface Results {
  /** Where the host keeps that it ran in this run: after the directory of its user. */
  readonly mark: string
  /** Exit codes, or a pattern of its output, that say that it has changed something; undefined: it always has. */
  readonly changedBy: readonly number[] | RegExp | undefined
  /** Exit codes with which it may fail. */
  readonly allowed: 'all' | readonly number[]
}

/** What is known of it in this run. */
export interface Ran {
  readonly code: number
  readonly failed: boolean
}

export function markOf(...parts: readonly (string | undefined)[]): string {
  return `ran-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)}`
}

const directory = raw(
  `if [ "$(id -u)" = 0 ]; then marks=/run/rolecall; else marks=\${XDG_RUNTIME_DIR:-$HOME/.cache}/rolecall; fi`,
)

/**
 * Prints `ran CODE failed|over` when the command ran in this run. A run has one shell on the host: what happened after that shell began, by the clock
 * that counts from the boot, is of this run.
 *
 * Source: proc(5), `stat`: field 22, in hundredths of a second; `uptime`, in seconds with two digits.
 */
export function ranInThisRun({ mark }: Results): Sh {
  return sh`${directory}
if { read -r ran code verdict <"$marks"/${mark} && read -r stat </proc/$$/stat; } 2>/dev/null; then
set -- \${stat##*) }
[ $# -lt 20 ] || { shift 19; [ "$ran" -lt "$1" ] || echo "ran $code $verdict"; }; fi`
}

/** What `ranInThisRun` said. */
export function ranOf(lines: readonly string[]): { readonly ran?: Ran } {
  const ran = /^ran (\d+) (failed|over)$/
  const [, code, verdict] = ran.exec(lines.find((line) => ran.test(line)) ?? '') ?? []
  return code === undefined ? {} : { ran: { code: Number(code), failed: verdict === 'failed' } }
}

/** Runs the command; an exit code that is no success and no allowed failure ends the step. */
export function withResult(run: Sh, { changedBy, allowed }: Results): Sh {
  const codes = [0, ...(Array.isArray(changedBy) ? (changedBy as readonly number[]) : [])].join('|')
  const may =
    allowed === 'all'
      ? raw('*) failed=1')
      : allowed.length === 0
        ? raw('*) bad=1')
        : raw(`${allowed.join('|')}) failed=1;; *) bad=1`)
  return sh`failed= bad= code=0
${run} || code=$?
case $code in ${raw(codes)}) ;; ${may};; esac`
}

/** Keeps that it ran, and how: `ranInThisRun` says so afterwards. It ends as the command did where that must not fail. */
export function keepResult({ mark }: Results): Sh {
  return sh`${directory}
read -r now _ </proc/uptime
verdict=over; [ -z "$bad" ] || verdict=failed
( umask 077; mkdir -p "$marks" && echo "\${now%.*}\${now#*.} $code $verdict" >"$marks"/${mark} ) || exit 1
[ -z "$bad" ] || exit "$code"`
}

/** Whether the command says of itself that it has changed something. */
export function hasChanged({ changedBy }: Results, code: number, printed: string): boolean {
  if (changedBy === undefined) return true
  return changedBy instanceof RegExp ? changedBy.test(printed) : changedBy.includes(code)
}
