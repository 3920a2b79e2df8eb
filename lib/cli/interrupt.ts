import { spawn } from 'node:child_process'
import { Socket } from 'node:net'
import { isatty } from 'node:tty'
import { EXIT } from './exit-codes.ts'

const QUIT_AT_ONCE = 'What was at work on hosts may run to its end there: rolecall runs shows what is left.'

let forgetListeners: (() => void) | undefined

/**
 * A signal that Ctrl-C aborts, SIGTERM, or a terminal that is gone. What runs on hosts is then ended with its children, and the run tells what was
 * done. A second Ctrl-C does not wait for that: `sayLast` gets the last words. A process has one such signal: that of its latest run.
 */
export function untilInterrupted(say: (line: string) => void, sayLast = say): AbortSignal {
  const controller = new AbortController()
  const onSignal = () => {
    if (controller.signal.aborted) {
      sayLast(`Quit at once. ${QUIT_AT_ONCE}`)
      process.exit(EXIT.interrupted)
    }
    say('Stopping: what runs on hosts is being ended. Press Ctrl-C again to quit at once.')
    controller.abort()
  }
  // The kernel and the shell each say that a terminal is gone: a second time is no wish to quit at once.
  const onHangup = () => controller.abort()
  forgetListeners?.()
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  process.on('SIGHUP', onHangup)
  const isFirst = forgetListeners === undefined
  forgetListeners = () => {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
    process.off('SIGHUP', onHangup)
  }
  if (isFirst && (isatty(0) || isatty(2))) endWhenBusy()
  return controller.signal
}

/**
 * Counts Ctrl-C, and kills its parent a second after the second one. Its input ends with the parent, and it ends then: the number of the parent
 * is never used after that. What it starts in the background gets no Ctrl-C. A signal ends `read` as the end of its input does, in some shells.
 *
 * Reads: $1 what is said after the kill.
 */
const WATCH = `count=0 killer=
again() {
  count=$((count + 1))
  [ "$count" -eq 2 ] || return 0
  { sleep 1; printf '\\033[?25h\\n%s\\n' "$1" >&2; kill -KILL "$PPID"; } &
  killer=$!
}
trap 'again "$1"' INT
while seen=$count; read -r line || [ "$count" -ne "$seen" ]; do :; done
[ -z "$killer" ] || kill "$killer" 2>/dev/null`

/**
 * Lets a second Ctrl-C end this process also where a role keeps it busy: `while (true)` lets no listener of signals run. A shell in the terminal's group of
 * processes gets each Ctrl-C as well.
 */
function endWhenBusy(): void {
  const words = `Killed, because a role kept this program busy. ${QUIT_AT_ONCE}`
  const watch = spawn('sh', ['-c', WATCH, 'sh', words], {
    stdio: ['pipe', 'ignore', 'inherit'],
    env: { PATH: process.env['PATH'] },
  })
  watch.on('error', () => undefined)
  watch.unref()
  if (watch.stdin instanceof Socket) watch.stdin.unref()
}
