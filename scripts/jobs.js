// Runs one test file or one check, in a process of its own or in a shared one.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { installed } from './bootstrap.js'
import { project } from './freshness.js'
import { finish, isEnding, LONGEST_MS } from './processes.js'
import { finishShared } from './shared.js'
import { runsAlone } from './test-files.js'

const NEEDS_ITS_OWN =
  'failed in a process with other files, and passed by itself: a line "// Own process: WHY" keeps it apart. What it printed there:'

/** Arguments of Node for a file with a process of its own. A function, since packages may be installed only after this file is loaded. */
const ownProcess = () =>
  [new URL('short-lived.js', import.meta.url), pathToFileURL(installed('tsx'))].flatMap(({ href }) => [
    '--import',
    href,
  ])

/**
 * Runs a test file and reads the totals that uvu prints. uvu alone would miss two failures: a `before` hook that throws ends with exit code 0, and a
 * suite without `.run()` does not run. So missing totals, or a total of 0 without a reason, count as a failure.
 *
 * Files share processes, one after the other, except those that need their own. A file that fails in a shared process runs once more in one of its
 * own, and that result counts, so no file fails because of another one.
 *
 * @param {string} file
 * @param {{ into?: readonly string[] | undefined, name?: string, longestMs?: number | undefined }} how the command line up to and including Node; the
 * name in reports; the time after which the file counts as hanging
 * @returns {Promise<import('./outcomes.js').Outcome>}
 */
export async function testFile(file, { into = [process.execPath], name = file, longestMs = LONGEST_MS } = {}) {
  const alone = async () => outcomeOf(file, name, await finish([...into, ...ownProcess(), file], longestMs))
  if (runsAlone(file)) return alone()
  const ended = await finishShared(into, file, longestMs)
  const shared = outcomeOf(file, name, ended)
  if (shared.failed === 0 || ended.code === 'timeout' || isEnding()) return shared
  const again = await alone()
  return {
    ...again,
    ms: shared.ms + again.ms,
    note: again.failed > 0 ? undefined : `${NEEDS_ITS_OWN}\n${shared.output.trim()}`,
  }
}

/**
 * Runs a check of the whole project as one test.
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
 * @param {string} file
 * @param {string} name
 * @param {import('./processes.js').Ended} ended
 */
function outcomeOf(file, name, { code, output, ms }) {
  const [total, passed = 0, told = 0] = ['Total', 'Passed', 'Skipped'].map((word) => sum(output, word))
  const reasons = [...new Set([...output.matchAll(/^\s*skipped: (.+)$/gm)].map(([, reason = '']) => reason))]
  // A file without tests that says why they cannot run here counts as skipped.
  const skipped = total === 0 && code === 0 && reasons.length > 0 ? Math.max(told, 1) : told
  const why = complaint(code, total, skipped > 0 && reasons.length > 0) ?? forgotten(file)
  const failed = total === undefined ? 1 : Math.max(total - passed, why === undefined ? 0 : 1)
  return { file: name, passed, failed, skipped, reasons, ms, output, why }
}

/**
 * @param {number | string | null} code
 * @param {number | undefined} total
 */
function complaint(code, total, isSkipped = false) {
  if (code === 'timeout') return 'took too long, and was ended: does one of its tests hang?'
  if (total === undefined) return 'printed no totals: did it end before its suite ran?'
  if (total === 0 && !isSkipped) return 'ran no test at all: is a .run() missing, or did a before hook throw?'
  return code === 0 ? undefined : `ended with ${code}`
}

/**
 * Suites that are never run: uvu does not report one if another suite of the same file runs.
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
