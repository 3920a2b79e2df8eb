// Bundles the library and the command into dist/, then writes the types beside them.
// npm runs this as `prepare`: after `npm install` in a clone and before `npm pack`, but not where the package is installed.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { loadProgram } from '../bin/load.js'
import {
  ageWhenMet,
  builtinsWhenCalled,
  clientOnly,
  functionsWhenCalled,
  kindsWhenNamed,
  localesWhenAsked,
  mcpWhenServed,
  outsideAndIn,
} from './build-plugins.js'
import { acrossParts, entryOf, partsOf } from './build-parts.js'
import { installStampFile, lockHash, project, sourceHash, stampFile } from './freshness.js'
import { licenseTexts, packagesOf } from './licenses.js'

const dist = join(project, 'dist')
const { version } = /** @type {{ version: string }} */ (JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')))

/** Not in the bundle: a native program, and optional native parts of ssh2, which works without them. */
const external = ['esbuild', 'cpu-features', '*.node']

/** The exports of the program. `require` loads a module of the bundle only when it is needed. */
const ENTRY = `
exports.index = () => require('./lib/index.ts')
exports.testing = () => require('./lib/testing/index.ts')
exports.commandLine = () => require('./lib/cli/command-line.ts')`

/**
 * Makes the few files of the program (build-parts.js), which load several times faster than a few hundred. They are CommonJS, because only scripts
 * can be loaded with code that V8 has compiled before (bin/load.js). Each begins with the hash of its sources, which identifies the build.
 *
 * @param {string} hash
 */
async function bundle(hash) {
  const whole = await build({ ...settings('whole', ENTRY, hash), metafile: true })
  const parts = partsOf(whole.metafile)
  const built = await Promise.all(
    [...new Set(parts.values())].map((part) => {
      const { plugins, ...others } = settings(part, entryOf(part, whole.metafile, parts, ENTRY, project), hash)
      return build({ ...others, plugins: [acrossParts(part, whole.metafile, parts, project), ...plugins] })
    }),
  )
  const outputFiles = built.flatMap((each) => each.outputFiles)
  await mkdir(dist, { recursive: true })
  for (const name of readdirSync(dist)) if (name !== 'types') await rm(join(dist, name), { recursive: true })
  // The files of the lab's mirror are data, which it looks up beside the bundle as beside its sources.
  await cp(join(project, 'lib/lab/artifacts/parts'), join(dist, 'parts'), { recursive: true })
  for (const { path, contents } of outputFiles) await writeFile(path, contents)
  const inputs = [...Object.keys(whole.metafile.inputs), ...(await locales()), ...(await age()), ...(await mcp())]
  await writeFile(join(dist, 'THIRD-PARTY-LICENSES.txt'), licenseTexts(packagesOf(inputs)))
  const notAscii = outputFiles.find(
    ({ path, contents }) => path.endsWith('.cjs') && contents.some((byte) => byte > 127),
  )
  if (notAscii !== undefined) throw new Error(`${notAscii.path} is to be ASCII, because bin/load.js reads it as that`)
  const program = loadProgram()
  await writeFile(join(dist, 'index.js'), facade('index', Object.keys(program.index())))
  await writeFile(join(dist, 'testing.js'), facade('testing', Object.keys(program.testing())))
}

/**
 * @param {string} name
 * @param {string} contents the source of its first module
 * @param {string} hash
 */
function settings(name, contents, hash) {
  return {
    stdin: { contents, resolveDir: project, sourcefile: 'entry.js' },
    write: /** @type {const} */ (false),
    absWorkingDir: project,
    outfile: join(dist, `${name}.cjs`),
    bundle: true,
    format: /** @type {const} */ ('cjs'),
    platform: /** @type {const} */ ('node'),
    target: 'node20',
    minifySyntax: true,
    // Without comments a file is a quarter shorter, and in ASCII bin/load.js reads it faster.
    minifyWhitespace: true,
    lineLimit: 160,
    sourcemap: /** @type {const} */ ('external'),
    sourcesContent: false,
    legalComments: /** @type {const} */ ('linked'),
    tsconfigRaw: '{}', // the project's own maps `rolecall` to its sources
    external,
    plugins: [
      kindsWhenNamed,
      functionsWhenCalled,
      outsideAndIn,
      localesWhenAsked,
      ageWhenMet,
      mcpWhenServed,
      clientOnly,
      builtinsWhenCalled,
    ],
    define: { 'process.env.ROLECALL_VERSION': JSON.stringify(version), 'import.meta.url': '__own_url' },
    // Called by bin/load.js. Wrapping the text there would copy all of it once more, which takes 8 ms on a machine with slow memory.
    banner: {
      js: `(function (exports, require, module, __filename, __dirname, __import) {/*${hash.slice(0, 16)}*/const __own_url = require('node:url').pathToFileURL(__filename).href;`,
    },
    footer: { js: '})' },
    logLevel: /** @type {const} */ ('warning'),
  }
}

/** @returns {Promise<string[]>} the sources of its file */
function age() {
  return beside('age.cjs', fileURLToPath(import.meta.resolve('age-encryption')))
}

/** @returns {Promise<string[]>} the sources of their file */
function locales() {
  const file = join(dirname(createRequire(import.meta.url).resolve('zod')), 'v4/locales/index.js')
  return beside('locales.cjs', file)
}

/** @returns {Promise<string[]>} the sources of its file */
function mcp() {
  return beside('mcp.cjs', join(project, 'scripts/mcp-sdk.js'))
}

/**
 * A package as a file of its own beside the bundle.
 *
 * @param {string} name
 * @param {string} file
 */
async function beside(name, file) {
  const { metafile } = await build({
    entryPoints: [file],
    outfile: join(dist, name),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minify: true,
    metafile: true,
    absWorkingDir: project,
    logLevel: 'warning',
  })
  return Object.keys(metafile.inputs)
}

/**
 * The modules behind `import 'rolecall'` and `import 'rolecall/testing'`: the exports of an index, as an ES module.
 *
 * @param {'index' | 'testing'} entry
 * @param {readonly string[]} names
 */
function facade(entry, names) {
  const lines = names.map((name) => `export const ${name} = index.${name}`)
  return ["import { loadProgram } from '../bin/load.js'", `const index = loadProgram().${entry}()`, ...lines, ''].join(
    '\n',
  )
}

/** @returns {Promise<void>} */
function types() {
  const tsc = createRequire(import.meta.url)
    .resolve('typescript-native/package.json')
    .replace('package.json', 'bin/tsc')
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [tsc, '-p', join(project, 'tsconfig.build.json')], { stdio: 'inherit' })
    child.once('error', reject)
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`the types do not compile: tsc ended with ${code}`)),
    )
  })
}

try {
  // Written last, so that an interrupted build is done again.
  await rm(stampFile, { force: true })
  const hash = sourceHash()
  await Promise.all([bundle(hash), process.argv.includes('--no-types') ? undefined : types()])
  await writeFile(stampFile, hash)
  // npm runs this only when everything is installed, so node_modules is now known to be complete.
  if (['ci', 'install'].includes(process.env['npm_command'] ?? '')) await writeFile(installStampFile, lockHash())
} catch (error) {
  if (!(error instanceof Error)) throw error
  // esbuild has printed its own errors.
  if (!('errors' in error)) process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
