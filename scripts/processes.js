// Starts processes, and ends them with all their children.
import { spawn } from 'node:child_process'
import { codeOf, project } from './freshness.js'

/** A test that takes longer counts as hanging. */
export const LONGEST_MS = 15 * 60_000

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/**
 * How a process ended: its status, the signal that ended it, or `timeout`.
 *
 * @typedef {{ code: number | string | null, output: string, ms: number }} Ended
 */

/** @type {Set<ChildProcess>} */
const running = new Set()
let ending = false

/** Whether everything is being stopped. */
export function isEnding() {
  return ending
}

/** Ends every process that is running, with its children. */
export function endAll() {
  ending = true
  for (const child of running) kill(child)
}

/**
 * Starts a process in a group of its own, so that its children end with it.
 *
 * @param {readonly string[]} command
 * @param {'ignore' | 'pipe'} [stdin]
 */
export function start([program = '', ...args], stdin = 'ignore') {
  const child = spawn(program, args, {
    cwd: project,
    detached: true,
    stdio: [stdin, 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/**
 * Runs a process to its end.
 *
 * @param {readonly string[]} command
 * @param {number} [longestMs]
 * @returns {Promise<Ended>}
 */
export function finish(command, longestMs = LONGEST_MS) {
  const begin = performance.now()
  return new Promise((resolve) => {
    const child = start(command)
    /** @type {Buffer[]} */
    const chunks = []
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      kill(child)
    }, longestMs)
    child.stdout?.on('data', (chunk) => chunks.push(chunk))
    child.stderr?.on('data', (chunk) => chunks.push(chunk))
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      // A child process may live on and hold the pipe, so only the output so far counts.
      setImmediate(() => {
        const output = Buffer.concat(chunks).toString('utf8')
        resolve({ code: isLate ? 'timeout' : (code ?? signal), output, ms: performance.now() - begin })
      })
    })
  })
}

/** @param {ChildProcess} child */
export function kill(child) {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error
  }
}
