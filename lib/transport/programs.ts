import { startProgram, type Child } from './child.ts'
import type { Problem } from '../errors.ts'
import type { Channel, Connection } from './transport.ts'

/** A connection that starts a local program for each command. The program runs the command elsewhere and passes its input and output. */
export function connectPrograms(
  start: (
    command: string,
    isForAnother: boolean,
  ) => readonly [program: string, words: readonly string[], env?: NodeJS.ProcessEnv],
  notBegun?: (status: string, said: string) => Problem,
): Connection {
  const running = new Set<Child>()
  const end = () => {
    for (const child of running) child.stdin.end()
  }
  return {
    lost: undefined,
    ...(notBegun === undefined ? {} : { notBegun }),
    open(command, isForAnother = false) {
      const child = startProgram(...start(command, isForAnother))
      running.add(child)
      child.once('close', () => running.delete(child))
      return Promise.resolve(asChannel(child))
    },
    close: end,
    cut: end,
  }
}

function asChannel(child: Child): Channel {
  const isStarted = child.pid !== undefined
  child.once('error', (error) => {
    // A missing program never emits `close`.
    if (isStarted) return
    child.stderr.push(error.message)
    child.stderr.push(null)
    child.stdout.push(null)
    setImmediate(() => child.emit('close', 127, null))
  })
  // Hidden, because zx would send signals to the LOCAL process with this pid.
  Object.defineProperty(child, 'pid', { value: undefined })
  return child
}
