// How outcomes of tests are told.
import { say } from './bootstrap.js'

const SLOW_MS = 3000
const MOST_SLOW = 5

/** A line per file; of one that failed, everything it printed. */
export function tellOutcome({ file, passed = 0, failed = 0, skipped = 0, reasons = [], ms = 0, output = '', why }) {
  const numbers = [
    `${passed} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ]
  say(`${failed > 0 ? 'FAILED' : 'ok    '}  ${file}  ${numbers.join(', ')}  ${(ms / 1000).toFixed(1)} s`)
  for (const reason of reasons) say(`        skipped: ${reason}`)
  if (failed === 0) return
  say(indented(output.trimEnd()))
  if (why !== undefined) say(`        ${file} ${why}`)
}

/** The files to look at when the whole takes too long. */
export function tellSlowest(outcomes) {
  const slow = outcomes.filter(({ ms = 0 }) => ms > SLOW_MS).sort((a, b) => b.ms - a.ms)
  if (slow.length > 0) say('\nSlowest')
  for (const { file, ms } of slow.slice(0, MOST_SLOW)) say(`  ${(ms / 1000).toFixed(1).padStart(6)} s  ${file}`)
  const failed = outcomes.filter((outcome) => outcome.failed > 0)
  if (failed.length > 0) say('\nFailed')
  for (const { file, why } of failed) say(`  ${file}${why === undefined ? '' : `: ${why}`}`)
  say('')
}

/** The last line, which machines read. */
export function summaryLine(outcomes) {
  const sum = (key) => outcomes.reduce((all, outcome) => all + (outcome[key] ?? 0), 0)
  return `${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`
}

function indented(text) {
  return text
    .split('\n')
    .map((line) => `        ${line}`)
    .join('\n')
}
