// One test file, or one check of the whole, as a process of its own.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { installed } from './bootstrap.js'
import { codeOf, project } from './freshness.js'
import { pathToFileURL } from 'node:url'

/** A test that takes longer hangs. */
const LONGEST_MS = 15 * 60_000

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/** @type {Set<ChildProcess>} */
const running = new Set()
let ending = false

/** Whether the whole is being stopped. */
export function isEnding() {
  return ending
}

/** Ends every process that is running, with its children. */
export function endAll() {
  ending = true
  for (const child of running) kill(child)
}

/**
 * Runs a test file and reads the totals that uvu prints. uvu alone would let two things pass: a `before` hook that throws
 * ends with 0, and a suite without `.run()` is not run. So no totals, or a total of 0 that nobody gives a reason for, is a failure.
 *
 * @param {string} file
 * @param {{ into?: readonly string[] | undefined, name?: string }} how what goes before the arguments of the Node that runs it, the Node being the last of
 * these words; what it is called in what is told
 * @returns {Promise<import('./outcomes.js').Outcome>}
 */
export async function testFile(file, { into = [process.execPath], name = file } = {}) {
  const { code, output, ms } = await finish([...into, '--import', pathToFileURL(installed('tsx')).href, file])
  const [total, passed = 0, skipped = 0] = ['Total', 'Passed', 'Skipped'].map((word) => sum(output, word))
  const reasons = [...new Set([...output.matchAll(/^\s*skipped: (.+)$/gm)].map(([, reason = '']) => reason))]
  const why = complaint(code, total, skipped > 0 && reasons.length > 0) ?? forgotten(file)
  const failed = total === undefined ? 1 : Math.max(total - passed, why === undefined ? 0 : 1)
  return { file: name, passed, failed, skipped, reasons, ms, output, why }
}

/**
 * Runs a check of the whole project: it counts as one test.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @returns {Promise<import('./outcomes.js').Outcome>}
 */
export async function check(file, args) {
  const { code, output, ms } = await finish([process.execPath, ...args])
  return {
    file,
    passed: code === 0 ? 1 : 0,
    failed: code === 0 ? 0 : 1,
    skipped: 0,
    reasons: [],
    ms,
    output,
    why: complaint(code, 1),
  }
}

/**
 * @param {number | string | null} code
 * @param {number | undefined} total
 */
function complaint(code, total, isSkipped = false) {
  if (code === 'timeout') return `took longer than ${LONGEST_MS / 60_000} minutes`
  if (total === undefined) return 'printed no totals: did it end before its suite ran?'
  if (total === 0 && !isSkipped) return 'ran no test at all: is a .run() missing, or did a before hook throw?'
  return code === 0 ? undefined : `ended with ${code}`
}

/**
 * A suite that nobody runs is silent when another one of the same file is run.
 *
 * @param {string} file
 */
function forgotten(file) {
  const text = readFileSync(resolve(project, file), 'utf8')
  const suites = [...text.matchAll(/^const (\w+) = suite\b/gm)].map(([, name]) => name)
  const idle = suites.filter((name) => !new RegExp(`^\\s*${name}\\.run\\(`, 'm').test(text))
  return idle.length === 0 ? undefined : `never runs ${idle.join(', ')}: write ${idle[0]}.run()`
}

/**
 * @param {string} output
 * @param {string} word
 */
function sum(output, word) {
  const numbers = [...output.matchAll(new RegExp(`^\\s*${word}:\\s+(\\d+)\\s*$`, 'gm'))].map(([, number]) =>
    Number(number),
  )
  return numbers.length === 0 ? undefined : numbers.reduce((all, number) => all + number, 0)
}

/**
 * @param {readonly string[]} command
 * @returns {Promise<{ code: number | string | null, output: string, ms: number }>}
 */
function finish([program = '', ...args]) {
  const begin = performance.now()
  return new Promise((resolve) => {
    // Its own process group, so that its children end with it.
    const child = spawn(program, args, {
      cwd: project,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
    })
    /** @type {Buffer[]} */
    const chunks = []
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      kill(child)
    }, LONGEST_MS)
    running.add(child)
    child.stdout.on('data', (chunk) => chunks.push(chunk))
    child.stderr.on('data', (chunk) => chunks.push(chunk))
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      running.delete(child)
      // Something of it may live on and hold the pipe: what it printed until now is what counts.
      setImmediate(() => {
        const output = Buffer.concat(chunks).toString('utf8')
        resolve({ code: isLate ? 'timeout' : (code ?? signal), output, ms: performance.now() - begin })
      })
    })
  })
}

/** @param {ChildProcess} child */
function kill(child) {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error
  }
}
