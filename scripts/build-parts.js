// Splits the program into files: what every start needs, what every run needs, the kinds by family, ssh2, zx, and the rest. A start takes time for
// each function of a file, called or not: with everything in one file `rolecall list` took 20 ms longer, and a check of one role 15 ms.

/** @typedef {import('esbuild').Metafile} Metafile */

/** Entry points of the command line, `list` and completion that are imported dynamically. */
const START = [
  'lib/cli/command-line.ts',
  'lib/cli/help/usage-hints.ts',
  'lib/cli/completion/candidates.ts',
  'lib/cli/vault/vault-options.ts',
  'lib/vault/ansible-settings.ts',
  'lib/vault/password-sources.ts',
  'lib/vault/repository-secrets.ts',
  'lib/playbook/load/inventory.ts',
  'lib/inventory/patterns/listing.ts',
  'lib/inventory/patterns/limit.ts',
  'lib/report/problem.ts',
  'lib/report/text/paint.ts',
  'lib/report/text/screen-size.ts',
  'node_modules/string-width/index.js',
]

/** Entry points of every run: what a playbook imports, runs and reports through. */
const RUNS = [
  'lib/index.ts',
  'lib/cli/execute-run.ts',
  'lib/playbook/load/load.ts',
  'lib/playbook/type-check/check.ts',
  'lib/report/report.ts',
  'lib/report/text/foreign-output.ts',
  'lib/report/traces/settings.ts',
  'lib/report/views/live-view.ts',
  'lib/report/views/plain-view.ts',
  'lib/runner/run.ts',
]

/** Packages with a part of their own: a local run needs no ssh2, and few roles run commands through zx. */
const PACKAGES = { ssh: 'node_modules/ssh2/lib/index.js', zx: 'node_modules/zx/build/core.cjs' }

/**
 * The part of each module.
 *
 * @param {Metafile} metafile of everything in one file
 * @returns {ReadonlyMap<string, string>}
 */
export function partsOf(metafile) {
  const modules = Object.keys(metafile.inputs).filter(isFile)
  const missing = [...START, ...RUNS, ...Object.values(PACKAGES)].filter((path) => metafile.inputs[path] === undefined)
  if (missing.length > 0) throw new Error(`no module of the program: ${missing.join(', ')}`)
  /** @type {Map<string, string>} */
  const parts = new Map()
  take('rolecall', START)
  take('runs', RUNS)
  for (const [part, first] of Object.entries(PACKAGES)) take(part, [first])
  // Families import each other, so each family first gets its own modules, and then modules that only it imports.
  const kinds = modules.filter((path) => !parts.has(path) && familyOf(path) !== undefined)
  for (const path of kinds) parts.set(path, `kinds-${familyOf(path)}`)
  for (const path of kinds) take(`kinds-${familyOf(path)}`, importedBy(path))
  take('rest', modules)
  return parts

  /**
   * Puts modules that have no part yet into one, with everything they import.
   *
   * @param {string} part
   * @param {readonly string[]} first
   */
  function take(part, first) {
    const waiting = [...first]
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (parts.has(path) || !isFile(path)) continue
      parts.set(path, part)
      waiting.push(...importedBy(path))
    }
  }

  /**
   * The modules that are loaded with a module. Dynamic imports may be in another part.
   *
   * @param {string} path
   */
  function importedBy(path) {
    const isOfPackage = path.startsWith('node_modules/')
    const { imports = [] } = metafile.inputs[path] ?? {}
    return imports
      .filter((to) => to.external !== true && (to.kind === 'import-statement' || isOfPackage))
      .map((to) => to.path)
  }
}

/** @param {string} path */
function familyOf(path) {
  return /^lib\/resources\/([^/]+)\//.exec(path)?.[1]
}

/**
 * Node's built-in modules and the entry are not files, so each part has its own.
 *
 * @param {string} path
 */
function isFile(path) {
  return /^(lib|node_modules)\//.test(path)
}

/**
 * The first module of a part: exports for bin/load.js, and a function for each of its modules that another part imports.
 *
 * @param {string} part
 * @param {Metafile} metafile
 * @param {ReadonlyMap<string, string>} parts
 * @param {string} words
 * @param {string} root the project's directory
 */
export function entryOf(part, metafile, parts, words, root) {
  const shared = new Set(
    Object.entries(metafile.inputs).flatMap(([from, { imports }]) =>
      imports.flatMap(({ path }) => (parts.get(path) === part && parts.get(from) !== part ? [path] : [])),
    ),
  )
  const modules = [...shared]
    .sort()
    .map((path) => `${JSON.stringify(path)}: () => require(${JSON.stringify(`${root}/${path}`)})`)
  return `${part === 'rolecall' ? words : ''}\nexports.modules = {\n${modules.join(',\n')}\n}`
}

/**
 * An esbuild plugin for one part: a module of another part is requested from that part when first needed.
 *
 * @param {string} part
 * @param {Metafile} metafile
 * @param {ReadonlyMap<string, string>} parts
 * @param {string} root the project's directory
 * @returns {import('esbuild').Plugin}
 */
export function acrossParts(part, metafile, parts, root) {
  /** @type {Map<string, string>} the module that an import specifier of an importer resolves to */
  const targets = new Map()
  for (const [from, { imports }] of Object.entries(metafile.inputs)) {
    for (const { path, original } of imports) targets.set(`${withoutSuffix(from)}\0${original ?? path}`, path)
  }
  return {
    name: 'across-parts',
    setup(esbuild) {
      esbuild.onResolve({ filter: /./ }, ({ path, importer, namespace, kind }) => {
        if (namespace === ELSEWHERE) return { path, external: true }
        const from = importer.startsWith(root) ? importer.slice(root.length + 1) : importer
        const target = targets.get(`${from}\0${path}`) ?? (path.startsWith(root) ? path.slice(root.length + 1) : path)
        const owner = parts.get(target)
        if (owner === undefined || owner === part) return undefined
        // A script that V8 has compiled before cannot import by itself: esbuild makes a promise of what is inside. And a default import of what is outside
        // would be the whole module, because packages import as Node does.
        return kind === 'dynamic-import' || hasDefault(target)
          ? { path: target, namespace: ELSEWHERE }
          : { path: wordOf(target), external: true }
      })
      esbuild.onLoad({ filter: /./, namespace: ELSEWHERE }, ({ path }) => {
        const word = JSON.stringify(wordOf(path))
        if (metafile.inputs[path]?.format === 'cjs') return { contents: `module.exports = require(${word})` }
        const all = `export * from ${word}`
        return { contents: hasDefault(path) ? `${all}; export { default } from ${word}` : all }
      })
    },
  }

  /**
   * What bin/load.js knows a module of another part by.
   *
   * @param {string} path
   */
  function wordOf(path) {
    return `part:${parts.get(path)}:${path}`
  }
}

const ELSEWHERE = 'elsewhere'

/** @param {string} path */
function withoutSuffix(path) {
  return path.replace(/\?.*$/, '')
}

/**
 * Modules of packages may have a default export; ours have none.
 *
 * @param {string} path
 */
function hasDefault(path) {
  return path.startsWith('node_modules/')
}
