// `npm run test:parity [-- DRIFTS]`: compares check with apply for the whole site, on the five hosts of the test lab. 200 drifts take about 20
// minutes on two cores. `-- kubernetes [DRIFTS]` does the same with a cluster, by default with 20 drifts, and `-- company [DRIFTS]` with the example
// project of a company, on a lab of its own. ROLECALL_SEED=N repeats the drifts of an earlier run.
import { spawn } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { bootstrap, installed, say } from './bootstrap.js'
import { project } from './freshness.js'
import { artifactsOf, testLab } from './test-lab.js'

await bootstrap()
const lab = testLab(process.argv[2] !== 'company', artifactsOf(process.argv[2]))
/** @type {import('node:child_process').ChildProcess | undefined} */
let child
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child?.kill('SIGTERM'))
const instead = await lab.up()
process.exitCode = instead === undefined ? await measure() : 1
if (instead !== undefined) say(instead.reasons?.join() ?? instead.why ?? '')
await lab.down()

/** @returns {Promise<number>} */
function measure() {
  const args = ['--import', pathToFileURL(installed('tsx')).href, 'test/parity/main.ts', ...process.argv.slice(2)]
  const own = spawn(process.execPath, args, { cwd: project, stdio: 'inherit' })
  child = own
  return new Promise((resolve) => own.once('close', (code) => resolve(code ?? 1)))
}
