// `npm run test:hostile`: tries attacks on a host of a lab of its own, and takes the lab down again.
import { pathToFileURL } from 'node:url'
import { bootstrap, installed, run, say } from './bootstrap.js'
import { installTools } from './tools.js'

const name = (process.env['ROLECALL_TEST_LAB'] ??= 'hostile')
/**
 * @param {'up' | 'down'} command
 * @param {string[]} nodes
 */
const lab = (command, ...nodes) => run(process.execPath, ['bin/rolecall.js', 'lab', command, '--name', name, ...nodes])

if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  say('This needs Linux and root: sudo npm run test:hostile')
  process.exit(1)
}
await bootstrap()
installTools()
// The leftovers of a killed run: hosts whose disks are gone.
await lab('down')
let code = await lab('up', 'node-01')
if (code === 0)
  code = await run(process.execPath, ['--import', pathToFileURL(installed('tsx')).href, 'test/hostile/main.ts'])
if (process.env['ROLECALL_KEEP_LAB'] === undefined) await lab('down')
process.exitCode = code
