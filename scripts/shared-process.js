// A process in which many test files run, one after the other, so that Node, tsx and the library are loaded once. Reads one path per line from
// standard input. The output of a file goes to standard output, followed by a line that ends it: a mark, the exit code of the file, and the memory of
// this process in bytes.
import './short-lived.js'
import { readSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { forgetProcessState } from '../lib/process-state.ts'
import { codeOf } from './freshness.js'

const POLL_MS = 5

/** The queue of uvu's runner: suites add themselves to the list at UVU_INDEX, and only `exec` runs them. */
const uvu = /** @type {{ UVU_QUEUE: unknown[][], UVU_INDEX: number, UVU_DEFER: number }} */ (
  /** @type {unknown} */ (globalThis)
)
uvu.UVU_DEFER = 1 // read when uvu is loaded
const { exec } = await import('uvu')
const [, , endMark = ''] = process.argv
const home = process.cwd()
const environment = { ...process.env }
const listeners = listenersNow()

for (let file = nextFile(); file !== undefined; file = nextFile()) {
  uvu.UVU_QUEUE = [[null]]
  uvu.UVU_INDEX = 0
  try {
    // A file that waits for something that never comes leaves the event loop empty: this process ends, and its reader knows which file did it.
    await import(pathToFileURL(file).href)
    await exec()
  } catch (error) {
    process.stdout.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exitCode = 1
  }
  // Errors after the end of a test belong to this file too.
  await new Promise((resolve) => setImmediate(resolve))
  const code = process.exitCode ?? 0
  process.exitCode = 0
  restore()
  process.stdout.write(`\n${endMark} ${code} ${process.memoryUsage.rss()}\n`)
}
process.exit()

/** Waits without the event loop, so that nothing from a finished file continues. */
function nextFile() {
  const byte = Buffer.alloc(1)
  /** @type {number[]} */
  const line = []
  for (;;) {
    const count = readIfThere(byte)
    if (count === undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS)
    else if (count === 0) return undefined
    else if (byte[0] === 10) return Buffer.from(line).toString('utf8')
    else line.push(byte[0] ?? 0)
  }
}

/**
 * Undefined if there is no input yet: a test that used standard input has made reading non-blocking.
 *
 * @param {Buffer} byte
 */
function readIfThere(byte) {
  try {
    return readSync(0, byte)
  } catch (error) {
    if (codeOf(error) === 'EAGAIN') return undefined
    throw error
  }
}

/** Resets this process for the next file. */
function restore() {
  forgetProcessState()
  process.chdir(home)
  for (const name of Object.keys(process.env)) if (!(name in environment)) Reflect.deleteProperty(process.env, name)
  Object.assign(process.env, environment)
  for (const [event, all] of listenersNow())
    for (const listener of all)
      if (listeners.get(event)?.includes(listener) !== true) process.removeListener(event, listener)
}

/** Removes listeners of signals, warnings and errors. Listeners of `exit` clean up, and stay. */
function listenersNow() {
  return new Map(
    process
      .eventNames()
      .filter((event) => typeof event === 'string' && event !== 'exit' && event !== 'newListener')
      .map((event) => [
        /** @type {string} */ (event),
        /** @type {((...args: unknown[]) => void)[]} */ (process.rawListeners(event)),
      ]),
  )
}
