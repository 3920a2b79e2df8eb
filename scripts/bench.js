// `npm run bench [-- BENCH...]`: measures the figures of docs/performance.md, for Rolecall and other tools, starting from nothing.
import { pathToFileURL } from 'node:url'
import { bootstrap, installed, run } from './bootstrap.js'

await bootstrap()
const tsx = pathToFileURL(installed('tsx')).href
process.exitCode = await run(process.execPath, ['--import', tsx, 'test/bench/main.ts', ...process.argv.slice(2)])
