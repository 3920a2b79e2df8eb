// Reports the outcomes of tests.
import { say } from './bootstrap.js'

/**
 * The outcome of a test file, or of a check of the whole project.
 *
 * @typedef {object} Outcome
 * @property {string} file its path, or the name of the check
 * @property {number} [passed]
 * @property {number} [failed]
 * @property {number} [skipped]
 * @property {readonly string[]} [reasons] why tests were skipped
 * @property {number} [ms] how long it took
 * @property {string} [output] everything that it printed
 * @property {string | undefined} [why] the problem of the file as a whole
 * @property {string | undefined} [note] a remark for the file's author that is not a failure
 */

const SLOW_MS = 3000
const MOST_SLOW = 5

/**
 * Prints a line per file; for a failed one, all of its output.
 *
 * @param {Outcome} outcome
 */
export function tellOutcome({
  file,
  passed = 0,
  failed = 0,
  skipped = 0,
  reasons = [],
  ms = 0,
  output = '',
  why,
  note,
}) {
  const numbers = [
    `${passed} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ]
  say(`${failed > 0 ? 'FAILED' : 'ok    '}  ${file}  ${numbers.join(', ')}  ${(ms / 1000).toFixed(1)} s`)
  for (const reason of reasons) say(`        skipped: ${reason}`)
  if (note !== undefined) say(indented(note))
  if (failed === 0) return
  say(indented(output.trimEnd()))
  if (why !== undefined) say(`        ${file} ${why}`)
}

/**
 * The slowest files.
 *
 * @param {readonly Outcome[]} outcomes
 */
export function tellSlowest(outcomes) {
  const slow = outcomes.filter(({ ms = 0 }) => ms > SLOW_MS).sort((a, b) => (b.ms ?? 0) - (a.ms ?? 0))
  if (slow.length > 0) say('\nSlowest')
  for (const { file, ms = 0 } of slow.slice(0, MOST_SLOW)) say(`  ${(ms / 1000).toFixed(1).padStart(6)} s  ${file}`)
  const broken = outcomes.filter(({ failed = 0 }) => failed > 0)
  if (broken.length > 0) say('\nFailed')
  for (const { file, why } of broken) say(`  ${file}${why === undefined ? '' : `: ${why}`}`)
  say('')
}

/**
 * Prints the last line, which machines read.
 *
 * @param {readonly Outcome[]} outcomes
 */
export function summaryLine(outcomes) {
  /** @param {'passed' | 'failed' | 'skipped'} key */
  const sum = (key) => outcomes.reduce((all, outcome) => all + (outcome[key] ?? 0), 0)
  return `${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`
}

/** @param {string} text */
function indented(text) {
  return text
    .split('\n')
    .map((line) => `        ${line}`)
    .join('\n')
}
