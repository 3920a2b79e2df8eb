// `npm test [-- PART...]`: everything that must hold, from nothing. PART keeps only the test files whose path has it.
import { bootstrap, installed, say } from './bootstrap.js'
import { installTools } from './tools.js'
import { summaryLine, tellOutcome, tellSlowest } from './outcomes.js'
import { check, endAll, isEnding, testFile } from './jobs.js'
import { testFiles } from './test-files.js'
import { testLab } from './test-lab.js'

/** Tests are processes of their own, and start-up of each is work for a core. */
const AT_ONCE = 2

const parts = process.argv.slice(2)
await bootstrap()
installTools()

const { alone, together } = testFiles(parts)
const lab = testLab(alone.length > 0)
process.on('SIGINT', stop)
process.on('SIGTERM', stop)

const outcomes = []
const checks = parts.length > 0 ? [] : qualityChecks()
await inLanes(AT_ONCE, [...checks, ...together.map((file) => () => testFile(file))])
const instead = await lab.up()
for (const file of alone) {
  await finish(() => (instead === undefined ? testFile(file) : { file, output: '', ...instead }))
}
await lab.down()

if (checks.length + alone.length + together.length === 0) say(`No test file has ${parts.join(' or ')} in its path.`)
tellSlowest(outcomes)
say(summaryLine(outcomes))
process.exitCode = outcomes.length === 0 || outcomes.some(({ failed = 0 }) => failed > 0) ? 1 : 0

function qualityChecks() {
  const prettier = installed('prettier/package.json').replace('package.json', 'bin/prettier.cjs')
  const eslint = installed('eslint/package.json').replace('package.json', 'bin/eslint.js')
  return [
    () => check('types', [installed('typescript-native/package.json').replace('package.json', 'bin/tsc'), '-p', 'tsconfig.json']),
    () => check('lint', [eslint, '.']),
    () => check('format', [prettier, '--check', '.', '--log-level', 'warn']),
  ]
}

async function inLanes(lanes, jobs) {
  const waiting = [...jobs]
  const lane = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await finish(job)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

async function finish(job) {
  if (isEnding()) return
  const outcome = await job()
  if (isEnding()) return
  outcomes.push(outcome)
  tellOutcome(outcome)
}

async function stop() {
  if (isEnding()) process.exit(130)
  say('\nStopping.')
  endAll()
  await lab.down()
  say(summaryLine(outcomes))
  process.exit(130)
}
