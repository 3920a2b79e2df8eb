// A tour: commands of rolecall one after the other, each with a line that says what it shows.
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
 * Runs the stops, and ends the process with the exit code of the first that does not succeed.
 *
 * @param {readonly Stop[]} stops
 * @param {object} options
 * @param {string} options.again the command with which the tour goes on from where it is
 * @param {(index: number) => readonly string[]} [options.more] further arguments of a stop, asked for just before it
 */
export async function tour(stops, { again, more = () => [] }) {
  for (const [index, stop] of stops.entries()) {
    const args = [...stop.args, ...more(index)]
    say(`\n${index + 1}/${stops.length}  ${stop.say}\n     $ rolecall ${args.join(' ')}\n`)
    const code = await run(process.execPath, [command, ...args])
    if (code === 0) continue
    say(`\nThe tour ends here: rolecall ${args.join(' ')} ended with ${code}. ${again} goes on from where it is.`)
    process.exit(code)
  }
}

/**
 * What a command of rolecall prints.
 *
 * @param {string[]} args
 * @returns {string}
 */
export function ask(...args) {
  return execFileSync(process.execPath, [command, ...args], { cwd: project, encoding: 'utf8' })
}

/** What runs the hosts of the lab: `nspawn`, `podman` or `docker`. */
export function driverOfTheLab() {
  const { driver = 'nspawn' } = JSON.parse(ask('lab', 'status', '--json'))
  return String(driver)
}
