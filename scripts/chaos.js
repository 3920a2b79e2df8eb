// `npm run test:chaos`: interrupts a run of the whole site at every point, on a lab of its own, and takes the lab down again. `-- kubernetes` does
// the same with a cluster for 20 minutes, which does not cover every point.
import { pathToFileURL } from 'node:url'
import { bootstrap, installed, run, say } from './bootstrap.js'
import { artifactsOf } from './test-lab.js'
import { installTools } from './tools.js'

const name = (process.env['ROLECALL_TEST_LAB'] ??= 'chaos')
const artifacts = artifactsOf(process.argv[2]).flatMap((each) => ['--with', each])
/** @param {string[]} command */
const lab = (...command) => run(process.execPath, ['bin/rolecall.js', 'lab', ...command, '--name', name])

if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  say('This needs Linux and root: sudo npm run test:chaos')
  process.exit(1)
}
await bootstrap()
installTools()
// The test itself ends in order on Ctrl-C, and the lab is taken down after it.
process.on('SIGINT', () => undefined)
// The leftovers of a killed run: hosts whose disks are gone.
await lab('down')
let code = await lab('up', ...artifacts)
if (code === 0)
  code = await run(process.execPath, [
    '--import',
    pathToFileURL(installed('tsx')).href,
    'test/chaos/main.ts',
    ...process.argv.slice(2),
  ])
if (process.env['ROLECALL_KEEP_LAB'] === undefined) await lab('down')
process.exitCode = code
