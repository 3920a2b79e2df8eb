#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'

const [first, ...others] = process.argv.slice(2)

if (others.length === 0 && (first === '--version' || first === '-V')) {
  // Asked often by scripts, and answered before anything else is loaded.
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  process.stdout.write(`${version}\n`)
} else {
  const program = new URL('../dist/cli.js', import.meta.url)
  if (existsSync(program)) {
    await import(program.href)
  } else {
    process.stderr.write('Rolecall is not built yet: run `npm install && npm run build` in its directory.\n')
    process.exitCode = 1
  }
}
