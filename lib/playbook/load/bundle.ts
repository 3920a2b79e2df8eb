import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, isAbsolute, join, resolve } from 'node:path'
import { isBuiltin } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { Loader, OnResolveArgs, PartialMessage, Plugin, PluginBuild } from 'esbuild'
import type { Bundle } from './cache.ts'
import { codeWeakness } from '../../machine/trusted.ts'
import { refusalOf, schemeOf, type Changeable } from './refused-build.ts'
import { selfDirectory, selfIndexPath } from './self-path.ts'

/** `import.meta` of the source file; in the bundle the same expression would give the bundle's. */
const OWN_META = {
  'import.meta.url': '__own_url',
  'import.meta.filename': '__own_filename',
  'import.meta.dirname': '__own_dirname',
} as const

/** Node's own condition set. By default esbuild adds `module`, and would load another build of a package than Node does. */
const CONDITIONS: string[] = []

/**
 * Bundles a user's module and all imported files of the project into one JavaScript module.
 * Packages stay outside, by the path at which the importing file finds them.
 *
 * Throws a RolecallError with every syntax error and every unresolved import.
 */
export async function bundle(entry: string, cwd: string): Promise<Bundle> {
  // Imported here because a valid cache does not need esbuild.
  const { build } = await import('esbuild')
  const found = new Set<string>()
  try {
    const { outputFiles, metafile } = await build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'node',
      target: `node${process.versions.node}`,
      conditions: CONDITIONS,
      sourcemap: 'inline',
      // Node reads the source map at every start.
      sourcesContent: false,
      absWorkingDir: '/',
      outfile: join(dirname(entry), 'bundle.mjs'),
      define: OWN_META,
      plugins: [ownMeta, packagesOf(entry, found)],
      logLevel: 'silent',
    })
    const inputs = Object.keys(metafile.inputs).map((path) => resolve('/', path))
    return {
      code: withAbsoluteSources(outputFiles[0]?.text ?? '', dirname(entry)),
      inputs: [...inputs, ...settingsOf(dirname(entry))],
      packages: [...found],
    }
  } catch (error) {
    throw refusalOf(error, cwd)
  }
}

const LOADERS: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.js': 'js',
  '.mjs': 'js',
  '.jsx': 'jsx',
}

/** Declares the `import.meta` of each file on the file's first line. Adds no line, so places in errors stay right. */
const ownMeta: Plugin = {
  name: 'own-meta',
  setup(build) {
    build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, ({ path }) => {
      // The bundler finds Web.ts by the name web.ts, and then cannot read it: it says so itself.
      if (!existsSync(path)) return undefined
      const text = readFileSync(path, 'utf8')
      const loader = LOADERS[extname(path)]
      if (loader === undefined || !text.includes('import.meta')) return undefined
      const values = [pathToFileURL(path).href, path, dirname(path)]
      const names = Object.values(OWN_META).map((name, index) => `${name} = ${JSON.stringify(values[index])}`)
      const shebang = /^#!.*\n/.exec(text)?.[0] ?? ''
      return { contents: `${shebang}const ${names.join(', ')}; ${text.slice(shebang.length)}`, loader }
    })
  },
}

/** Resolves every import of a package to its file, or bundles the package if Node could not load it. Records all packages. */
function packagesOf(entry: string, noted: Set<string>): Plugin {
  return {
    name: 'packages',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async (args) => {
        if (args.pluginData === SEEN || args.kind === 'entry-point' || isBuiltin(args.path)) return undefined
        if (args.path === 'rolecall') return { path: selfIndexPath(), external: true }
        // The bundler would leave a URL to Node, which loads nothing from the network, and nothing at all for a file in the cache.
        if (schemeOf(args.path) !== undefined) return { errors: [{ text: `Could not resolve "${args.path}"` }] }
        const found = await lookUp(build, args)
        if (found === undefined) return undefined
        const { path, external } = found
        if (external || !isAbsolute(path)) return { path, external }
        const error = found.isOwn ? undefined : changeable(args.path, found.path, entry)
        if (error !== undefined) return { errors: [error] }
        if (!found.isOwn) noted.add(found.path)
        const isPackage = found.path.includes('/node_modules/') && !/\.[cm]?tsx?$/.test(found.path)
        return isPackage ? { path: pathToFileURL(found.path).href, external: true } : { path: found.path }
      })
    },
  }
}

const SEEN = Symbol('seen')

async function lookUp(build: PluginBuild, { path, kind, importer, resolveDir }: OnResolveArgs) {
  const ask = (from: string) => build.resolve(path, { kind, importer, resolveDir: from, pluginData: SEEN })
  const found = await ask(resolveDir)
  if (found.errors.length === 0) return { path: found.path, external: found.external, isOwn: false }
  if (path !== 'zod') return undefined
  const own = await ask(selfDirectory())
  return own.errors.length > 0 ? undefined : { path: own.path, external: own.external, isOwn: true }
}

/**
 * Why a package must not be loaded from a directory: another account can change the package, or can put one of its dependencies into a node_modules
 * above it.
 */
function changeable(name: string, path: string, entry: string): PartialMessage | undefined {
  const above = path.includes('/node_modules/') ? modulesAbove(dirname(path)) : []
  for (const each of [path, ...above]) {
    const weakness = codeWeakness(each, entry)
    if (weakness !== undefined)
      return {
        text: `The package "${name}" is not loaded`,
        detail: { ...weakness, kind: 'changeable' } satisfies Changeable,
      }
  }
  return undefined
}

function modulesAbove(directory: string): string[] {
  const here = join(directory, 'node_modules')
  const rest = dirname(directory) === directory ? [] : modulesAbove(dirname(directory))
  return existsSync(here) ? [here, ...rest] : rest
}

/** The tsconfig.json that decides how TypeScript is read, or all places where one would be. */
function settingsOf(directory: string): string[] {
  const file = join(directory, 'tsconfig.json')
  return existsSync(file) || dirname(directory) === directory ? [file] : [file, ...settingsOf(dirname(directory))]
}

/** The bundle is moved into the cache, so relative source paths would be wrong there. */
function withAbsoluteSources(code: string, directory: string): string {
  return code.replace(
    /(\/\/# sourceMappingURL=data:application\/json;base64,)(\S+)\s*$/,
    (_, head: string, data: string) => {
      const map = JSON.parse(Buffer.from(data, 'base64').toString('utf8')) as { sources: string[]; sourceRoot?: string }
      const sources = map.sources.map((source) => pathToFileURL(resolve(directory, source)).href)
      return `${head}${Buffer.from(JSON.stringify({ ...map, sourceRoot: undefined, sources })).toString('base64')}\n`
    },
  )
}
