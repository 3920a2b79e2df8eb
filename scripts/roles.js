// `npm run test:roles [-- ROLES]`: runs random roles on random hosts, and tests whether check, apply, a second apply and a killed one keep their
// promises. ROLECALL_SEED=N repeats the roles of an earlier run, ROLECALL_ROLES=N sets their number; 2,000 take about 15 minutes on two cores.
import { spawn } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { bootstrap, installed } from './bootstrap.js'
import { project } from './freshness.js'

await bootstrap()
const args = ['--import', pathToFileURL(installed('tsx')).href, 'test/role-generator/main.ts', ...process.argv.slice(2)]
const child = spawn(process.execPath, args, { cwd: project, stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill('SIGTERM'))
process.exitCode = await new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)))
