// `npm run test:kubernetes`: the tutorial's chapters 4 and 5 on a real cluster, on a lab of its own (or the one that ROLECALL_TEST_LAB names). Takes
// about four minutes on two idle cores, and four more if Kubernetes has to be compiled. Other parts: `-- repair` damages the cluster and interrupts
// runs; `-- worker` tries what root on one node can reach; `-- life` renews certificates, upgrades, restores and replaces; `-- site` sets up the site
// of chapter 6 first, with a node of the Red Hat family; `-- fresh` is check, apply, apply and verify on bare hosts; `-- secrets` encrypts a running
// cluster and changes its key. Each takes two to ten minutes. The lab is taken down afterwards, unless it was named.
import { pathToFileURL } from 'node:url'
import { bootstrap, installed, run, say } from './bootstrap.js'

await bootstrap()
if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  say('skipped: a cluster needs Linux and root: sudo npm run test:kubernetes')
  process.exit(0)
}
const loader = ['--import', pathToFileURL(installed('tsx')).href]
const part = process.argv[2] ?? 'chapters'
const parts = ['chapters', 'repair', 'worker', 'life', 'site', 'fresh', 'secrets']
if (!parts.includes(part)) {
  say(`expected one of ${parts.join(', ')}, got ${part}`)
  process.exit(1)
}
process.exitCode = await run(process.execPath, [...loader, `test/kubernetes/${part}.ts`])
if (process.env['ROLECALL_TEST_LAB'] === undefined)
  await run(process.execPath, ['bin/rolecall.js', 'lab', 'down', '--name', 'kubernetes'])
