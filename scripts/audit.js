// Known vulnerabilities in Rolecall's dependencies, from the registry.
import { execFile } from 'node:child_process'
import { npm } from './bootstrap.js'
import { project } from './freshness.js'

/** After this time the registry counts as unreachable. */
const LONGEST_MS = 10_000

const FILE = 'audit'

/**
 * Asks the registry, as one test: failed if a package has a high or critical vulnerability, skipped if the registry does not answer.
 *
 * @returns {Promise<import('./outcomes.js').Outcome>}
 */
export async function audit(command = npm(...ARGS)) {
  const begin = performance.now()
  const outcome = outcomeOf(await answer(...command))
  return { file: FILE, passed: 0, failed: 0, skipped: 0, ms: performance.now() - begin, ...outcome }
}

const ARGS = ['audit', '--json', '--omit=dev', '--audit-level=high', '--fetch-retries=0']

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {Promise<string>} the output of npm, whatever its exit code
 */
function answer(program, args) {
  /** @type {import('node:child_process').ExecFileOptionsWithStringEncoding} */
  const limits = { encoding: 'utf8', timeout: LONGEST_MS, killSignal: 'SIGKILL', maxBuffer: 16 * 1024 * 1024 }
  return new Promise((resolve) => {
    execFile(program, args, { cwd: project, ...limits }, (_, stdout) => resolve(stdout))
  })
}

/** @param {string} text */
function outcomeOf(text) {
  const { vulnerabilities, message } = parsed(text)
  if (vulnerabilities === undefined) {
    const why = message === undefined ? `within ${LONGEST_MS / 1000} s` : `(${message.split('\n')[0]})`
    return { skipped: 1, reasons: [`the registry gave no answer about known holes in packages ${why}`] }
  }
  const bad = Object.values(vulnerabilities).filter(({ severity }) => ['high', 'critical'].includes(severity))
  if (bad.length === 0) return { passed: 1 }
  const lines = bad.map(({ name, severity, range }) => `${name} ${range}: ${severity}`)
  return { failed: 1, output: lines.join('\n'), why: 'found holes: npm audit --omit=dev shows what they are' }
}

/**
 * The output of `npm audit --json`.
 *
 * @typedef {{ vulnerabilities?: Record<string, { name: string, severity: string, range: string }>, message?: string }} Audit
 */

/**
 * @param {string} text
 * @returns {Audit}
 */
function parsed(text) {
  try {
    return /** @type {Audit} */ (JSON.parse(text))
  } catch {
    return {}
  }
}
