// Runs test files in a few processes, one file after the other in each.
import { randomUUID } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import { installed } from './bootstrap.js'
import { kill, start } from './processes.js'

/**
 * A process with more memory than this, in bytes, is ended after its file: starting a program from a large process takes longer (1.5 ms at 100 MiB,
 * 15 ms at 500 MiB). A new process takes about a second to load the library.
 */
const MOST_MEMORY = 320 * 1024 ** 2

/** How long a process may take to clean up. */
const LONGEST_END_MS = 30_000

/**
 * @typedef {object} Shared
 * @property {import('./processes.js').ChildProcess} child
 * @property {string} mark the word that ends the output of a file; no test can know it
 */

/** @type {Map<string, Shared[]>} idle processes, by the command that starts them */
const idle = new Map()

/**
 * Runs a test file in a shared process.
 *
 * @param {readonly string[]} into the command line up to and including Node
 * @param {string} file
 * @param {number} longestMs
 * @returns {Promise<import('./processes.js').Ended>}
 */
export function finishShared(into, file, longestMs) {
  const free = idle.get(into.join('\0')) ?? []
  idle.set(into.join('\0'), free)
  const shared = free.pop() ?? begin(into)
  const { child, mark } = shared
  const begun = performance.now()
  hold(child, true)
  return new Promise((resolve) => {
    let output = ''
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      kill(child)
    }, longestMs)
    /** @param {Buffer} chunk */
    const read = (chunk) => {
      output += chunk.toString('utf8')
      const at = output.lastIndexOf(`\n${mark} `)
      if (at < 0 || !output.endsWith('\n')) return
      const [code = 0, memory = 0] = output
        .slice(at + mark.length + 2)
        .split(' ')
        .map(Number)
      output = output.slice(0, at)
      // A failed file may have left something behind, so the next file gets a new process.
      if (code === 0 && memory < MOST_MEMORY) free.push(shared)
      else child.stdin?.end()
      end(code)
    }
    /**
     * @param {number | null} code
     * @param {string | null} signal
     */
    const exited = (code, signal) => setImmediate(() => end(isLate ? 'timeout' : (code ?? signal)))
    /** @param {number | string | null} code */
    const end = (code) => {
      clearTimeout(timer)
      child.stdout?.off('data', read)
      child.stderr?.off('data', read)
      child.off('exit', exited)
      hold(child, false)
      resolve({ code, output, ms: performance.now() - begun })
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', exited)
    child.stdin?.write(`${file}\n`)
  })
}

/** Ends the idle processes, and waits until they have cleaned up. */
export async function endShared() {
  const all = [...idle.values()].flatMap((free) => free.splice(0))
  const alive = all.filter(({ child }) => child.exitCode === null && child.signalCode === null)
  await Promise.all(alive.map(({ child }) => ended(child)))
}

/**
 * @param {import('./processes.js').ChildProcess} child
 * @returns {Promise<void>}
 */
function ended(child) {
  return new Promise((resolve) => {
    const late = setTimeout(() => kill(child), LONGEST_END_MS)
    child.once('exit', () => {
      clearTimeout(late)
      resolve()
    })
    hold(child, true)
    child.stdin?.end()
  })
}

/**
 * @param {readonly string[]} into
 * @returns {Shared}
 */
function begin(into) {
  const mark = randomUUID()
  const tsx = pathToFileURL(installed('tsx')).href
  const child = start([...into, '--import', tsx, 'scripts/shared-process.js', mark], 'pipe')
  // The process may have ended before it gets its file; then its end is the result.
  child.stdin?.on('error', () => undefined)
  return { child, mark }
}

/**
 * An idle process does not keep this one alive: it ends when its standard input closes.
 *
 * @param {import('./processes.js').ChildProcess} child
 * @param {boolean} isBusy
 */
function hold(child, isBusy) {
  for (const each of [child, child.stdin, child.stdout, child.stderr]) {
    const handle = /** @type {{ ref?(): void, unref?(): void } | null} */ (each)
    if (isBusy) handle?.ref?.()
    else handle?.unref?.()
  }
}
