// The five hosts of the tests: a lab of their own, so that the lab of `npm start` is never touched.
import { spawn } from 'node:child_process'
import { say } from './bootstrap.js'
import { project } from './freshness.js'

/** Two checkouts that run tests at the same time need a lab each. */
const NAME = process.env['ROLECALL_TEST_LAB'] ?? 'test'

/**
 * Artifacts that the hosts of a playbook download, besides those that the mirror always has.
 *
 * @param {string | undefined} playbook
 * @returns {string[]}
 */
export function artifactsOf(playbook) {
  return playbook === 'kubernetes' ? ['images', 'containerRuntime', 'kubernetes'] : []
}

/**
 * Begins to boot the lab at once if it is needed: booting takes as long as the tests without hosts.
 *
 * @param {boolean} isNeeded
 * @param {readonly string[]} artifacts to serve, besides those that are always there
 */
export function testLab(isNeeded, artifacts = []) {
  const canBoot = process.platform === 'linux' && process.getuid?.() === 0
  let cameUp = true
  const booting = isNeeded && canBoot ? lab('up', artifacts) : undefined
  return {
    /** Waits until the lab is up. Otherwise returns the outcome of the tests that need it, without their file. */
    async up() {
      if (!isNeeded) return undefined
      if (booting === undefined)
        return { skipped: 1, reasons: ['the lab of the tests needs Linux and root: sudo npm test'] }
      const { code, output } = await booting.done
      if (code === 0) return undefined
      say(`The lab of the tests does not start:\n${output}`)
      cameUp = false
      return { failed: 1, why: 'needs the lab of the tests, which does not start' }
    },
    async down() {
      if (booting === undefined) return
      booting.child.kill('SIGTERM')
      await booting.done
      const { code, output } = await lab('down').done
      // The reason why the lab did not come up was printed, and is usually why it does not go down either.
      if (code !== 0 && cameUp) say(`The lab of the tests does not go down:\n${output}`)
    },
  }
}

/**
 * @param {'up' | 'down'} command
 * @param {readonly string[]} artifacts
 */
function lab(command, artifacts = []) {
  const more = artifacts.flatMap((name) => ['--with', name])
  // In a process group of its own, out of reach of the terminal's Ctrl-C, so that the lab is taken down in order.
  const child = spawn(process.execPath, ['bin/rolecall.js', 'lab', command, '--name', NAME, ...more], {
    cwd: project,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  /** @type {Buffer[]} */
  const chunks = []
  child.stdout.on('data', (chunk) => chunks.push(chunk))
  child.stderr.on('data', (chunk) => chunks.push(chunk))
  /** @type {Promise<{ code: number | null, output: string }>} */
  const done = new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString('utf8') }))
  })
  return { child, done }
}
