// `npm test [-- PART...]`: all tests and checks, starting from nothing. PART selects test files by a part of their path. `npm run test:quick [--
// PART...]`: those that need no host and take no minutes, on this machine as it is.
import { audit } from './audit.js'
import { bareRoot, canBeBare } from './bare-root.js'
import { bootstrap, installed, say } from './bootstrap.js'
import { hostOrder } from './host-order.js'
import { sharing } from './lanes.js'
import { installTools } from './tools.js'
import { endShared } from './shared.js'
import { summaryLine, tellOutcome, tellSlowest } from './outcomes.js'
import { check, testFile } from './jobs.js'
import { endAll, isEnding } from './processes.js'
import { quickOf, testFiles } from './test-files.js'
import { testLab } from './test-lab.js'

const isQuick = process.argv.includes('--quick')
/** More lanes than cores, because some jobs always wait. Files on hosts also use the cores, through their hosts. */
const AT_ONCE = isQuick ? 5 : 3

const parts = process.argv.slice(2).filter((word) => word !== '--quick')
await bootstrap()
installTools()

if (isQuick) tryFewer()
const { onHosts, ownHosts, quick, bothBusyboxes } = isQuick ? quickOf(testFiles(parts)) : testFiles(parts)
const lab = testLab(onHosts.length > 0)
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop())

/** @typedef {import('./outcomes.js').Outcome} Outcome */

/** @type {Outcome[]} */
const outcomes = []
/** @type {Awaited<ReturnType<typeof bareRoot>>[]} */
const roots = []
const checks = parts.length > 0 ? [] : qualityChecks()
// Both are layers on the base of the lab's hosts, which may have to be made first; other jobs run meanwhile.
const [inRoot, inOther, hostsUp] = [bare('busybox'), bare('busybox-static'), lab.up()]
// Most of the time goes into files on hosts, so these begin as soon as possible; files without hosts fill the gaps.
await sharing(AT_ONCE, [
  ...ownHosts.map((file) => ({ wants: [], run: () => finish(() => testFile(file)) })),
  ...hostOrder(onHosts).map(({ file, hosts }) => ({
    wants: hosts,
    after: hostsUp,
    run: async () => {
      const instead = await hostsUp
      await finish(() => (instead === undefined ? testFile(file) : { file, output: '', ...instead }))
    },
  })),
  ...checks.map((job) => ({ wants: [], run: () => finish(job) })),
  ...quick.map((file) => inRootOf(inRoot, file)),
  ...bothBusyboxes.map((file) => inRootOf(inOther, file, 'busybox-static')),
])
await endShared()
await endRoots()
await lab.down()

if (checks.length + onHosts.length + ownHosts.length + quick.length === 0)
  say(`No test file has ${parts.join(' or ')} in its path.`)
tellSlowest(outcomes)
say(summaryLine(outcomes))
process.exitCode = outcomes.length === 0 || outcomes.some(({ failed = 0 }) => failed > 0) ? 1 : 0

/**
 * Runs a test in a bare root, or without one if there is none; with another busybox only in a root that has it.
 *
 * @param {Promise<string[] | undefined>} root
 * @param {string} file
 * @param {string} [busybox]
 */
function inRootOf(root, file, busybox) {
  return {
    wants: [],
    after: root,
    run: async () => {
      const into = await root
      if (into === undefined && busybox !== undefined) return
      await finish(() => testFile(file, { into, name: busybox === undefined ? file : `${file} (${busybox})` }))
    },
  }
}

/**
 * The words before a command that runs in a bare root; undefined if tests run without one: without root's rights, or for only a few files.
 *
 * @param {string} busybox
 */
async function bare(busybox) {
  if (isQuick || parts.length > 0 || !canBeBare) return undefined
  const root = await bareRoot(busybox)
  roots.push(root)
  // If a bare root cannot be made, tests prove nothing about a fresh machine, which is a failure.
  if (root.why !== undefined) await finish(() => ({ file: `a bare root with ${busybox}`, failed: 1, why: root.why }))
  return root.into
}

function qualityChecks() {
  const oxfmt = installed('oxfmt/package.json').replace('package.json', 'bin/oxfmt')
  const oxlint = installed('oxlint/package.json').replace('package.json', 'bin/oxlint')
  const tsc = installed('typescript-native/package.json').replace('package.json', 'bin/tsc')
  // Checks of unchanged files are cached. Each type checker works out the shared types anew, so one of them takes a quarter less processor time than
  // four, and the other cores are busy with tests.
  const one = ['--checkers', '1']
  const known = ['--incremental', '--tsBuildInfoFile', 'node_modules/.cache/rolecall-types.tsbuildinfo']
  if (isQuick) return [() => check('types', [tsc, '-p', 'tsconfig.json', ...one, ...known])]
  return [
    () => check('types', [tsc, '-p', 'tsconfig.json', ...one]),
    () => check('lint', [oxlint, '.']),
    () => check('format', [oxfmt, '--check', '.']),
    audit,
  ]
}

/** Random searches compare with Ansible and ssh, which takes long: `npm test` tries all of their cases. */
function tryFewer() {
  const rounds = { ROLECALL_INVENTORIES: '12', ROLECALL_CONFIGS: '6', ROLECALL_TEMPLATES: '80' }
  for (const [name, number] of Object.entries(rounds)) process.env[name] ??= number
}

/** @param {() => Outcome | Promise<Outcome>} job */
async function finish(job) {
  if (isEnding()) return
  const outcome = await job()
  if (isEnding()) return
  outcomes.push(outcome)
  tellOutcome(outcome)
}

async function endRoots() {
  for (const root of roots) await root.end()
}

async function stop() {
  if (isEnding()) process.exit(130)
  say('\nStopping.')
  endAll()
  await endRoots()
  await lab.down()
  say(summaryLine(outcomes))
  process.exit(130)
}
