import { spawn } from 'node:child_process'
import type { Channel, Connection } from './transport.ts'

/** The controller itself: commands are children of this process. */
export function connectLocal(): Connection {
  const running = new Set<ReturnType<typeof start>>()
  return {
    lost: undefined,
    open(command) {
      const child = start(command)
      running.add(child)
      child.once('close', () => running.delete(child))
      return Promise.resolve(asChannel(child))
    },
    close() {
      for (const child of running) child.stdin.end()
    },
    cut() {
      for (const child of running) child.stdin.end()
    },
  }
}

function start(command: string) {
  // A group of its own, as sshd gives one to every command: Ctrl-C on the terminal must reach the controller alone.
  return spawn('/bin/sh', ['-c', command], { stdio: 'pipe', detached: true })
}

function asChannel(child: ReturnType<typeof start>): Channel {
  // A child that ends before it has read its input is no failure of the connection; its exit status says what happened.
  child.stdin.on('error', () => undefined)
  // zx signals LOCAL process trees by pid: it must not see one.
  Object.defineProperty(child, 'pid', { value: undefined })
  return child
}
