// `npm run mutants [-- PART...]`: puts faults into pure files, one at a time, and checks that the tests notice. PART selects files by a part of their
// path.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { context } from 'esbuild'
import { say } from './bootstrap.js'
import { project } from './freshness.js'
import { inLanes } from './lanes.js'
import { mutationsOf, sampleOf } from './mutants/mutations.js'
import { targets } from './mutants/targets.js'

const MOST_IN_A_FILE = 8
const AT_ONCE = 2
/** A fault may cause an endless loop. */
const DEADLINE_MS = 60_000
/** The run fails if a smaller share of faults is noticed. */
const LOWEST = 0.8

/** @typedef {import('./mutants/mutations.js').Mutation} Mutation */

const bundles = join(project, '.rolecall/mutants')
const parts = process.argv.slice(2)
const files = Object.keys(targets).filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)))
mkdirSync(bundles, { recursive: true })

let count = 0
/** @type {Map<string, Builder[]>} idle builders, by their tests */
const builders = new Map()
/** @type {string[]} */
const survivors = []
/** @type {Map<string, { noticed: number, all: number }>} */
const scores = new Map()
for (const file of files) await tryFile(file)
for (const builder of [...builders.values()].flat()) await builder.end()
rmSync(bundles, { recursive: true, force: true })

const all = [...scores.values()].reduce((sum, score) => sum + score.all, 0)
const noticed = [...scores.values()].reduce((sum, score) => sum + score.noticed, 0)
for (const survivor of survivors) say(survivor)
say(`${noticed} of ${all} faults were noticed: ${Math.round((100 * noticed) / Math.max(1, all))} %`)
if (all === 0 || noticed < LOWEST * all) process.exitCode = 1

/** @param {string} file */
async function tryFile(file) {
  const source = readFileSync(join(project, file), 'utf8')
  const tests = targets[file] ?? []
  for (const test of tests)
    if (!(await passes(test, file, source))) {
      say(`${file}  test/${test}.test.ts fails without a fault, so it proves nothing`)
      process.exitCode = 1
      return
    }
  const score = { noticed: 0, all: 0 }
  scores.set(file, score)
  const jobs = sampleOf(mutationsOf(source), MOST_IN_A_FILE).map((mutation) => async () => {
    const changed = source.slice(0, mutation.start) + mutation.text + source.slice(mutation.end)
    score.all++
    for (const test of tests) {
      if (await passes(test, file, changed)) continue
      score.noticed++
      return
    }
    survivors.push(placeOf(file, source, mutation))
  })
  await inLanes(AT_ONCE, jobs)
  say(`${file}  ${score.noticed} of ${score.all}`)
}

/**
 * Bundles a test with all imports into one file, repeatedly: unchanged sources are parsed once.
 *
 * @typedef {{ outfile: string, build: (file: string, text: string) => Promise<void>, end: () => Promise<void> }} Builder
 */

/**
 * @param {string} test
 * @returns {Promise<Builder>}
 */
async function builderOf(test) {
  const outfile = join(bundles, `${++count}.mjs`)
  let changed = { path: '', text: '' }
  const built = await context({
    entryPoints: [join(project, `test/${test}.test.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    // Tests check places in stacks.
    sourcemap: 'inline',
    logLevel: 'silent',
    plugins: [
      {
        name: 'fault',
        setup: (builder) => {
          builder.onLoad({ filter: /\.ts$/ }, ({ path }) => {
            const contents = path === changed.path ? changed.text : readFileSync(path, 'utf8')
            return { contents: inPlace(contents, path), loader: 'ts' }
          })
        },
      },
    ],
  })
  return {
    outfile,
    build: async (file, text) => {
      changed = { path: join(project, file), text }
      await built.rebuild()
    },
    end: () => built.dispose(),
  }
}

/**
 * Whether a test passes with `text` instead of a file's content.
 *
 * @param {string} test
 * @param {string} file
 * @param {string} text
 */
async function passes(test, file, text) {
  const idle = builders.get(test) ?? []
  builders.set(test, idle)
  const builder = idle.pop() ?? (await builderOf(test))
  try {
    await builder.build(file, text)
    return await new Promise((resolve) => {
      const args = ['--enable-source-maps', builder.outfile]
      const child = spawn(process.execPath, args, { cwd: project, stdio: 'ignore', timeout: DEADLINE_MS })
      child.on('close', (code) => resolve(code === 0))
    })
  } catch {
    return false
  } finally {
    idle.push(builder)
  }
}

/**
 * Expressions that depend on a file's own path keep their value in the bundle.
 *
 * @param {string} contents
 * @param {string} path
 */
function inPlace(contents, path) {
  return contents
    .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
    .replaceAll('import.meta.filename', JSON.stringify(path))
    .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
}

/**
 * @param {string} file
 * @param {string} source
 * @param {Mutation} mutation
 */
function placeOf(file, source, { start, end, text }) {
  const line = source.slice(0, start).split('\n').length
  return `${file}:${line}  not noticed: ${source.slice(start, end)} -> ${text}`
}
