#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'

const [first, ...others] = process.argv.slice(2)
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (others.length === 0 && (first === '--version' || first === '-V')) {
  // Scripts ask this often, so it is answered before anything else is loaded.
  const { version } = /** @type {{ version: string }} */ (
    JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  )
  process.stdout.write(`${version}\n`)
} else if (major < 20 || (major === 20 && minor < 12)) {
  process.stderr.write(
    `error: Rolecall needs Node 20.12 or later, and this is Node ${process.versions.node}: ${process.execPath}\n`,
  )
  process.exitCode = 1
} else {
  const program = new URL('../dist/rolecall.cjs', import.meta.url)
  if (existsSync(program)) {
    const { loadProgram } = await import('./load.js')
    await loadProgram().commandLine().runCommandLine(process.argv.slice(2))
  } else {
    process.stderr.write('Rolecall is not built yet: run `npm install && npm run build` in its directory.\n')
    process.exitCode = 1
  }
}
