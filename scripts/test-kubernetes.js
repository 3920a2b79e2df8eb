// `npm run test:kubernetes`: the tutorial's chapters 4 and 5 on a real cluster, on a lab of its own (ROLECALL_TEST_LAB names another). About four
// minutes on two idle cores, and four more when Kubernetes has to be compiled. The lab is taken down afterwards, unless it was named.
import { pathToFileURL } from 'node:url'
import { bootstrap, installed, run, say } from './bootstrap.js'

await bootstrap()
if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  say('skipped: a cluster needs Linux and root: sudo npm run test:kubernetes')
  process.exit(0)
}
const loader = ['--import', pathToFileURL(installed('tsx')).href]
process.exitCode = await run(process.execPath, [...loader, 'test/kubernetes/chapters.ts'])
if (process.env['ROLECALL_TEST_LAB'] === undefined)
  await run(process.execPath, ['bin/rolecall.js', 'lab', 'down', '--name', 'kubernetes'])
