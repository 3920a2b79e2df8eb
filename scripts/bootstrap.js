// Makes a fresh clone ready to run: dependencies, then dist/. Uses only Node's own modules, since nothing is installed yet.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { installStampFile, isFresh, lockHash, project, sourceHash, stampFile } from './freshness.js'

const NEEDED = { major: 20, minor: 12 }

/**
 * Installs what is missing and builds what is stale; takes a few milliseconds if there is nothing to do. Stamps are written last, so interrupted work
 * is done again.
 */
export async function bootstrap() {
  await install()
  if (!isFresh(stampFile, sourceHash())) {
    say('Building ...')
    await finish(process.execPath, ['scripts/build.js'])
  }
}

/** Installs what is missing, and builds nothing else than npm does. */
export async function install() {
  requireNode()
  if (!isFresh(installStampFile, lockHash())) {
    say('Installing dependencies ...')
    await finish(...npm('ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'))
    // npm's `prepare` script has set the stamp, unless npm runs no scripts.
    writeFileSync(installStampFile, lockHash())
  }
}

/**
 * Prints a line for the person who waits.
 *
 * @param {string} line
 */
export function say(line) {
  process.stdout.write(`${line}\n`)
}

/**
 * Runs a program in the project's directory; its output goes to ours.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {Promise<number>} its exit code
 */
export function run(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: project, stdio: 'inherit' })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 130))
  })
}

/**
 * The same for a command that must succeed before anything else makes sense.
 *
 * @param {string} program
 * @param {readonly string[]} args
 */
async function finish(program, args) {
  const code = await run(program, args)
  if (code !== 0) {
    say(`The command above failed with exit code ${code}. Fix the cause, and run the same command again.`)
    process.exit(1)
  }
}

/**
 * The npm that started this process, or else the one in PATH.
 *
 * @param {string[]} args
 * @returns {[program: string, args: string[]]}
 */
export function npm(...args) {
  const own = process.env['npm_execpath']
  return own?.endsWith('.js') === true ? [process.execPath, [own, ...args]] : ['npm', args]
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > NEEDED.major || (major === NEEDED.major && minor >= NEEDED.minor)) return
  say(`Rolecall needs Node ${NEEDED.major}.${NEEDED.minor} or newer, and this is ${process.versions.node}.`)
  process.exit(1)
}

/**
 * The path of a file of an installed package.
 *
 * @param {string} path
 */
export function installed(path) {
  return createRequire(new URL('../package.json', import.meta.url)).resolve(path)
}
