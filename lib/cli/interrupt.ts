import { spawn } from 'node:child_process'
import { Socket } from 'node:net'
import { isatty } from 'node:tty'
import { exitCodeOfSignal } from './exit-codes.ts'

const QUIT_AT_ONCE = 'Commands on hosts may still be running: rolecall runs shows what is left to do.'

let forgetListeners: (() => void) | undefined
let firstSignal: NodeJS.Signals | undefined

/** The first signal that came since the latest `untilInterrupted`. */
export function endedBy(): NodeJS.Signals | undefined {
  return firstSignal
}

/**
 * Returns a signal that is aborted by Ctrl-C, by SIGTERM, when the terminal is closed, or when the process at the other end of an IPC channel is gone. The run then ends its commands on hosts, with their children, and
 * reports what was done. A second Ctrl-C exits at once, after `sayLast` has printed the last message. Only the signal of the latest call is active.
 */
export function untilInterrupted(say: (line: string) => void, sayLast = say): AbortSignal {
  const controller = new AbortController()
  firstSignal = undefined
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      sayLast(`Quit at once.\n${QUIT_AT_ONCE}`)
      process.exit(exitCodeOfSignal(name))
    }
    firstSignal ??= name
    say('Stopping: commands on hosts are being ended. Press Ctrl-C again to quit at once.')
    controller.abort()
  }
  // Both the kernel and the shell send SIGHUP when a terminal closes, so a second one does not mean "quit at once".
  const onHangup = (name: NodeJS.Signals) => {
    firstSignal ??= name
    controller.abort()
  }
  // A server for agents that was killed cannot end what it has started.
  const onGone = () => onHangup('SIGTERM')
  forgetListeners?.()
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  process.on('SIGHUP', onHangup)
  process.on('disconnect', onGone)
  // Listening keeps the process from ending.
  process.channel?.unref()
  const isFirst = forgetListeners === undefined
  forgetListeners = () => {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
    process.off('SIGHUP', onHangup)
    process.off('disconnect', onGone)
  }
  if (isFirst && (isatty(0) || isatty(2))) endWhenBusy()
  return controller.signal
}

/**
 * Counts Ctrl-C and kills the parent process one second after the second. Its input closes when the parent ends. Then it ends too, so it never kills
 * another process that got the parent's number. A background process gets no Ctrl-C. In some shells a signal ends `read` just as the end of input does.
 *
 * Reads: $1 the message after the kill.
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
 * Lets a second Ctrl-C end this process even while a role keeps it busy: in a `while (true)` no signal listener runs. A shell in the same process group
 * gets each Ctrl-C too.
 */
function endWhenBusy(): void {
  const words = `Killed, because a role kept this program busy.\n${QUIT_AT_ONCE}`
  const watch = spawn('sh', ['-c', WATCH, 'sh', words], {
    stdio: ['pipe', 'ignore', 'inherit'],
    env: { PATH: process.env['PATH'] },
  })
  watch.on('error', () => undefined)
  watch.unref()
  if (watch.stdin instanceof Socket) watch.stdin.unref()
}
