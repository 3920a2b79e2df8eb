import { startProgram, type Child } from './child.ts'
import type { Problem } from '../errors.ts'
import type { Channel, Connection } from './transport.ts'

/** A connection that is a program for each command: it runs the command somewhere, and hands on what that reads and writes. */
export function connectPrograms(
  start: (command: string) => readonly [program: string, words: readonly string[]],
  notBegun?: (status: string, said: string) => Problem,
): Connection {
  const running = new Set<Child>()
  const end = () => {
    for (const child of running) child.stdin.end()
  }
  return {
    lost: undefined,
    ...(notBegun === undefined ? {} : { notBegun }),
    open(command) {
      const child = startProgram(...start(command))
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
    // A program that is not there never says `close`.
    if (isStarted) return
    child.stderr.push(error.message)
    child.stderr.push(null)
    child.stdout.push(null)
    setImmediate(() => child.emit('close', 127, null))
  })
  // zx signals LOCAL process trees by pid: it must not see one.
  Object.defineProperty(child, 'pid', { value: undefined })
  return child
}
