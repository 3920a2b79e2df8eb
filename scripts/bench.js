// `npm run bench [-- BENCH...]`: measures what docs/performance.md tells, beside the peers, from nothing.
import { pathToFileURL } from 'node:url'
import { bootstrap, installed, run } from './bootstrap.js'

await bootstrap()
const tsx = pathToFileURL(installed('tsx')).href
process.exitCode = await run(process.execPath, ['--import', tsx, 'test/bench/main.ts', ...process.argv.slice(2)])
