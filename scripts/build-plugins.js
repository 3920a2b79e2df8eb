// esbuild plugins for the bundle: code that few runs need is loaded when first needed.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Loads a kind and everything it imports when a role first calls it: sixty kinds take 8 ms of every start, and a site uses only a few.
 *
 * @type {import('esbuild').Plugin}
 */
export const kindsWhenNamed = {
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
 * Functions that load their module when called, instead of re-exports. Types are left out.
 *
 * Arguments after the last parameter are refused, since they would be ignored silently.
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
 * The number of parameters of a function in a source; undefined if it takes any number.
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
 * Modules of functions that are loaded, with everything they import, when one of the functions is first called. Most inventories have no template, no
 * secret from a program and no TypeScript: the template engine and zod are a fifth of every start.
 *
 * @type {import('esbuild').Plugin}
 */
export const functionsWhenCalled = {
  name: 'functions-when-called',
  setup(esbuild) {
    const filter =
      /[/\\]lib[/\\](template[/\\](engine|names)|inventory[/\\]sources[/\\](secret-declaration|typed-data))\.ts$/
    esbuild.onLoad({ filter, namespace: 'file' }, ({ path, suffix }) => {
      const source = readFileSync(path, 'utf8')
      if (suffix === CALLED) return { contents: source, loader: 'ts' }
      const exported = [...source.matchAll(/^export (?!type |interface )(.*)$/gm)].map(([, rest = '']) => rest)
      const calls = exported.map((rest) => {
        const [, name] = /^(?:async )?function (\w+)/.exec(rest) ?? []
        if (name === undefined) throw new Error(`${path} exports something else than functions: ${rest}`)
        return `export function ${name}(...given) { return require('${path}${CALLED}').${name}(...given) }`
      })
      return { contents: calls.join('\n'), loader: 'js', resolveDir: dirname(path) }
    })
    esbuild.onResolve({ filter: /\?called$/ }, ({ path }) => ({ path: path.slice(0, -CALLED.length), suffix: CALLED }))
  },
}

const CALLED = '?called'

/**
 * Adapts modules to scripts compiled by V8: zx and the packages for wide characters are in the bundle and required when first needed. Imports from
 * outside the bundle, such as a playbook and esbuild, go through bin/load.js.
 *
 * @type {import('esbuild').Plugin}
 */
export const outsideAndIn = {
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
 * zod's messages in fifty languages, a seventh of the bundle: a file of their own, loaded when a language is requested.
 *
 * @type {import('esbuild').Plugin}
 */
export const localesWhenAsked = {
  name: 'locales-when-asked',
  setup(esbuild) {
    esbuild.onLoad({ filter: LOCALES }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      const names = [...text.matchAll(/export \{ default as (\w+) \} from/g)]
      const getters = names.map(([, name]) => `get ${name}() { return require('./locales.cjs').${name} },`)
      return { contents: `export default {${getters.join('\n')}}` }
    })
    // A module's exports cannot be loaded lazily.
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
 * Opens age files, with its ciphers: a file of its own, loaded at the first such file.
 *
 * @type {import('esbuild').Plugin}
 */
export const ageWhenMet = {
  name: 'age-when-met',
  setup(esbuild) {
    // A script compiled by V8 cannot import modules by itself.
    esbuild.onLoad({ filter: /lib[/\\]vault[/\\]age\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace("import('age-encryption')", "require('age-encryption')"),
      loader: 'ts',
    }))
    esbuild.onResolve({ filter: /^age-encryption$/ }, () => ({ path: './age.cjs', external: true }))
  },
}

/**
 * The SDK of MCP: a file of its own, loaded only by `rolecall mcp`. So nobody has to install its hundred packages.
 *
 * @type {import('esbuild').Plugin}
 */
export const mcpWhenServed = {
  name: 'mcp-when-served',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^@modelcontextprotocol\/sdk\// }, () => ({ path: './mcp.cjs', external: true }))
  },
}

/**
 * Only the client of ssh2: its server, its HTTP agents and its key generator load half of Node's built-in modules, which takes 8 ms of every start.
 *
 * @type {import('esbuild').Plugin}
 */
export const clientOnly = {
  name: 'client-only',
  setup(esbuild) {
    esbuild.onLoad({ filter: /ssh2[/\\]lib[/\\]index\.js$/ }, () => ({
      contents: `const { BaseAgent, createAgent } = require('./agent.js')
const { parseKey } = require('./protocol/keyParser.js')
module.exports = { BaseAgent, createAgent, Client: require('./client.js'), utils: { parseKey } }`,
    }))
  },
}

/**
 * Loads built-in modules of Node that take 5 ms each when one of their functions is first called. `list` and `--help` call none.
 * bin/load.js has one object for each, whoever imports it: to copy its hundred names for each module that imports it took a run 6 ms.
 *
 * @type {import('esbuild').Plugin}
 */
export const builtinsWhenCalled = {
  name: 'builtins-when-called',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^(node:)?(crypto|child_process|net)$/ }, ({ path }) => ({
      path: `when-called:${path.replace('node:', '')}`,
      external: true,
    }))
  },
}
