// A tour: runs commands of rolecall one after the other, each with a line of explanation.
import { execFileSync } from 'node:child_process'
import { run, say } from './bootstrap.js'
import { project } from './freshness.js'

const command = 'bin/rolecall.js'

/**
 * @typedef {object} Stop
 * @property {string} say what the command shows
 * @property {readonly string[]} args
 */

/**
 * Runs the stops, and ends the process with the exit code of the first one that fails.
 *
 * @param {readonly Stop[]} stops
 * @param {object} options
 * @param {string} options.again the command that continues the tour from a stop
 * @param {(index: number) => readonly string[]} [options.more] more arguments for a stop, computed just before it
 */
export async function tour(stops, { again, more = () => [] }) {
  for (const [index, stop] of stops.entries()) {
    const args = [...stop.args, ...more(index)]
    say(`\n${index + 1}/${stops.length}  ${stop.say}\n     $ rolecall ${args.join(' ')}\n`)
    const code = await run(process.execPath, [command, ...args])
    if (code === 0) continue
    say(`\nThe tour ends here: rolecall ${args.join(' ')} ended with ${code}. ${again} continues from here.`)
    process.exit(code)
  }
}

/**
 * The output of a command of rolecall.
 *
 * @param {string[]} args
 * @returns {string}
 */
export function ask(...args) {
  return execFileSync(process.execPath, [command, ...args], { cwd: project, encoding: 'utf8' })
}

/** The lab's driver: `nspawn`, `podman` or `docker`. */
export function driverOfTheLab() {
  const { driver = 'nspawn' } = JSON.parse(ask('lab', 'status', '--json'))
  return String(driver)
}
