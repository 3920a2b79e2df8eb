// The five hosts of the tests: a lab of its own, so that the one a person has from `npm start` is never touched.
import { spawn } from 'node:child_process'
import { say } from './bootstrap.js'
import { project } from './freshness.js'

/** Two checkouts that test at the same time each need a lab of their own. */
const NAME = process.env['ROLECALL_TEST_LAB'] ?? 'test'

/**
 * What the hosts of a playbook download, beside what the mirror has always.
 *
 * @param {string | undefined} playbook
 * @returns {string[]}
 */
export function artifactsOf(playbook) {
  return playbook === 'kubernetes' ? ['images', 'containerRuntime', 'kubernetes'] : []
}

/**
 * Begins to boot the lab at once, when it is needed: that takes as long as the tests that need none.
 *
 * @param {boolean} isNeeded
 * @param {readonly string[]} artifacts that its hosts download, beside those that are always there
 */
export function testLab(isNeeded, artifacts = []) {
  const canBoot = process.platform === 'linux' && process.getuid?.() === 0
  let cameUp = true
  const booting = isNeeded && canBoot ? lab('up', artifacts) : undefined
  return {
    /** Waits until it is up. Otherwise gives what becomes of the tests that need it: an outcome without its file. */
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
      // Why it did not come up has been told, and is mostly why it does not go down either.
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
  // Out of reach of the terminal's Ctrl-C: the lab is taken down in order.
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
