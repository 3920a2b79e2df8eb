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
 * Everything as one file: it loads several times faster than a few hundred. It is no ES module, because only scripts can be
 * loaded with the code that V8 has compiled before (bin/load.js). Its first words are the hash of its sources, which tell it from another build.
 *
 * @param {string} hash
 */
async function bundle(hash) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: ENTRY, resolveDir: project, sourcefile: 'entry.js' },
    write: false,
    absWorkingDir: project,
    outfile: join(dist, 'rolecall.cjs'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    // Without its comments it is shorter by a quarter, and ASCII: bin/load.js reads that faster.
    minifyWhitespace: true,
    lineLimit: 160,
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'linked',
    metafile: true,
    tsconfigRaw: '{}', // the project's own maps `rolecall` to its sources
    external,
    plugins: [kindsWhenNamed, outsideAndIn, localesWhenAsked, ageWhenMet, mcpWhenServed, clientOnly],
    define: { 'process.env.ROLECALL_VERSION': JSON.stringify(version), 'import.meta.url': '__own_url' },
    // bin/load.js calls it: to put that around it there would be one more copy of it all, 8 ms where new memory is slow.
    banner: {
      js: `(function (exports, require, module, __filename, __dirname, __import) {/*${hash.slice(0, 16)}*/const __own_url = require('node:url').pathToFileURL(__filename).href;`,
    },
    footer: { js: '})' },
    logLevel: 'warning',
  })
  await mkdir(dist, { recursive: true })
  for (const name of readdirSync(dist)) if (name !== 'types') await rm(join(dist, name), { recursive: true })
  // What the lab's mirror is made of is data: it finds that beside the bundle as beside its sources.
  await cp(join(project, 'lib/lab/artifacts/parts'), join(dist, 'parts'), { recursive: true })
  for (const { path, contents } of outputFiles) await writeFile(path, contents)
  const inputs = [...Object.keys(metafile.inputs), ...(await locales()), ...(await age()), ...(await mcp())]
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
 * A kind, with all that it is made of, is loaded when a role first calls it: sixty kinds take 8 ms of every start, and a site uses a few of them.
 *
 * @type {import('esbuild').Plugin}
 */
const kindsWhenNamed = {
  name: 'kinds-when-named',
  setup(esbuild) {
    esbuild.onLoad({ filter: /[/\\]lib[/\\]index\.ts$/ }, ({ path }) => {
      /** @type {string[]} */
      const modules = []
      const index = readFileSync(path, 'utf8').replace(
        /export \{([^}]*)\} from ('\.\/resources\/(?!kit\/)[^']+')/g,
        (_, names, from) => {
          modules.push(`require(${from})`)
          return called(names, from, dirname(path))
        },
      )
      const all = `kindsAreLoadedBy(() => { ${modules.join('; ')} })`
      return { contents: `import { kindsAreLoadedBy } from '${OPTIONS}'\n${index}\n${all}`, loader: 'ts' }
    })
  },
}

const OPTIONS = './resources/kit/options/options.ts'

/**
 * Functions that load their module, in place of an export of its values; its types are none of a program.
 *
 * What is given behind the last parameter is refused: it would be passed over in silence.
 *
 * @param {string} names
 * @param {string} from
 * @param {string} lib
 */
function called(names, from, lib) {
  const source = readFileSync(join(lib, from.slice(1, -1)), 'utf8')
  const values = names.split(',').map((name) => name.trim())
  return values
    .filter((name) => name !== '' && !name.startsWith('type '))
    .map((name) => {
      const most = parametersOf(source, name)
      const guard =
        most === undefined
          ? ''
          : `if (given.length > ${most}) require('./resources/kit/options/extra-arguments.ts').refuseExtra('${name}', ${most}, given); `
      return `export function ${name}(...given) { ${guard}return require(${from}).${name}(...given) }`
    })
    .join('\n')
}

/**
 * How many parameters a function of a source has; undefined where it takes any number.
 *
 * @param {string} source
 * @param {string} name
 * @returns {number | undefined}
 */
function parametersOf(source, name) {
  const [, list] = new RegExp(`^export function ${name}\\(((?:[^()]|\\([^()]*\\))*)\\)`, 'm').exec(source) ?? []
  if (list === undefined || list.includes('...')) return undefined
  let depth = 0
  let count = 1
  for (const sign of list.trim().replace(/,$/, '')) {
    if ('({['.includes(sign)) depth++
    else if (')}]'.includes(sign)) depth--
    else if (sign === ',' && depth === 0) count++
  }
  return count
}

/**
 * What a script that V8 has compiled before cannot do itself, in the rooms that do it: zx and the packages for wide letters are required when they
 * are first needed, and are inside of the bundle; what is imported from outside, a playbook and esbuild, is imported by bin/load.js.
 *
 * @type {import('esbuild').Plugin}
 */
const outsideAndIn = {
  name: 'outside-and-in',
  setup(esbuild) {
    esbuild.onLoad({ filter: /lib[/\\](host|playbook|report[/\\]text)[/\\][\w/\\-]+\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8')
        .replace(/requireHere\('/g, "require('")
        .replace(/\bimport\((?!'\.)(?=\w|'esbuild')/g, '__import('),
      loader: 'ts',
    }))
  },
}

/**
 * Fifty languages of messages, a seventh of the whole: a file of their own, that is read when somebody asks for one.
 *
 * @type {import('esbuild').Plugin}
 */
const localesWhenAsked = {
  name: 'locales-when-asked',
  setup(esbuild) {
    esbuild.onLoad({ filter: LOCALES }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      const names = [...text.matchAll(/export \{ default as (\w+) \} from/g)]
      const getters = names.map(([, name]) => `get ${name}() { return require('./locales.cjs').${name} },`)
      return { contents: `export default {${getters.join('\n')}}` }
    })
    // What is exported by a module cannot wait until it is asked for.
    esbuild.onLoad({ filter: /zod[/\\]v4[/\\](classic[/\\]external|core[/\\]index)\.js$/ }, ({ path }) => {
      const [all, one] = [/export \* as locales from (".*");/, 'import locales from $1; export { locales };']
      const text = readFileSync(path, 'utf8')
      if (!all.test(text)) throw new Error(`${path} exports its locales in another way than it did`)
      return { contents: text.replace(all, one) }
    })
    esbuild.onResolve({ filter: /^\.[/]locales\.cjs$/ }, ({ path }) => ({ path, external: true }))
  },
}

const LOCALES = /zod[/\\]v4[/\\]locales[/\\]index\.js$/

/**
 * What opens files of age, with its ciphers: a file of its own, that is read when such a file is met.
 *
 * @type {import('esbuild').Plugin}
 */
const ageWhenMet = {
  name: 'age-when-met',
  setup(esbuild) {
    // A script that V8 has compiled before cannot import by itself.
    esbuild.onLoad({ filter: /lib[/\\]vault[/\\]age\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace("import('age-encryption')", "require('age-encryption')"),
      loader: 'ts',
    }))
    esbuild.onResolve({ filter: /^age-encryption$/ }, () => ({ path: './age.cjs', external: true }))
  },
}

/**
 * The SDK of MCP: a file of its own, that is read by `rolecall mcp` alone. Nobody has to install its hundred packages for that.
 *
 * @type {import('esbuild').Plugin}
 */
const mcpWhenServed = {
  name: 'mcp-when-served',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^@modelcontextprotocol\/sdk\// }, () => ({ path: './mcp.cjs', external: true }))
  },
}

/**
 * Of ssh2 only what a client needs: its server, its HTTP agents and its maker of keys load half of Node's built-in modules, 8 ms of every start.
 *
 * @type {import('esbuild').Plugin}
 */
const clientOnly = {
  name: 'client-only',
  setup(esbuild) {
    esbuild.onLoad({ filter: /ssh2[/\\]lib[/\\]index\.js$/ }, () => ({
      contents: `const { BaseAgent, createAgent } = require('./agent.js')
const { parseKey } = require('./protocol/keyParser.js')
module.exports = { BaseAgent, createAgent, Client: require('./client.js'), utils: { parseKey } }`,
    }))
  },
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
