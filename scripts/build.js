// Bundles the library and the command into dist/, then writes the types beside them.
// Run by npm's `prepare`: after `npm install` in a clone and before `npm pack`, never where the package is installed.
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

/** What stays outside of the bundle: a native program, and optional native parts of ssh2, which it does without. */
const external = ['esbuild', 'cpu-features', '*.node']

/** The words that a program asks for. `require` of a module that is inside makes it begin only when it is asked for. */
const ENTRY = `
exports.index = () => require('./lib/index.ts')
exports.testing = () => require('./lib/testing/index.ts')
exports.commandLine = () => require('./lib/cli/command-line.ts')`

/**
 * Some files (build-parts.js): they load several times faster than a few hundred. They are no ES modules, because only scripts can be loaded with the code that V8
 * has compiled before (bin/load.js). Their first words are the hash of their sources, which tell them from another build.
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
  // What the lab's mirror is made of is data: it finds that beside the bundle as beside its sources.
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
 * @param {string} contents of its first module
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
    // Without its comments it is shorter by a quarter, and ASCII: bin/load.js reads that faster.
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
    // bin/load.js calls it: to put that around it there would be one more copy of it all, 8 ms where new memory is slow.
    banner: {
      js: `(function (exports, require, module, __filename, __dirname, __import) {/*${hash.slice(0, 16)}*/const __own_url = require('node:url').pathToFileURL(__filename).href;`,
    },
    footer: { js: '})' },
    logLevel: /** @type {const} */ ('warning'),
  }
}

/** @returns {Promise<string[]>} the paths that its file was made from */
function age() {
  return beside('age.cjs', fileURLToPath(import.meta.resolve('age-encryption')))
}

/** @returns {Promise<string[]>} the paths that their file was made from */
function locales() {
  const file = join(dirname(createRequire(import.meta.url).resolve('zod')), 'v4/locales/index.js')
  return beside('locales.cjs', file)
}

/** @returns {Promise<string[]>} the paths that its file was made from */
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
 * What `import 'rolecall'` and `import 'rolecall/testing'` find: the names of an index, as an ES module.
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
  // Written last: a build that was interrupted leaves no stamp and is done again.
  await rm(stampFile, { force: true })
  const hash = sourceHash()
  await Promise.all([bundle(hash), process.argv.includes('--no-types') ? undefined : types()])
  await writeFile(stampFile, hash)
  // npm runs this when everything is installed, and then only: from now on node_modules is known to be whole.
  if (['ci', 'install'].includes(process.env['npm_command'] ?? '')) await writeFile(installStampFile, lockHash())
} catch (error) {
  if (!(error instanceof Error)) throw error
  // What esbuild found is told by esbuild.
  if (!('errors' in error)) process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
