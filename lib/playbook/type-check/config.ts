import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isRecord } from '../../is-record.ts'
import { codeWeakness } from '../../machine/trusted.ts'
import { selfDirectory, selfIndexPath } from '../load/self-path.ts'

/** A TypeScript compiler: a program, and its first arguments. */
export interface Compiler {
  readonly version: string
  readonly command: string
  readonly first: readonly string[]
}

/**
 * The project's own TypeScript if it has one, otherwise the one that comes with Rolecall. A project that keeps an older `typescript` for its linter
 * may add a newer one: `typescript-native` among the dependencies of its package.json. A compiler that an account other than the playbook's owner can
 * change is not used.
 */
export function compilerFor(entry: string): Compiler {
  const isSafe = (file: string) => codeWeakness(file, entry) === undefined
  const own = namesNative(entry) ? compilerAt(entry, NATIVE, isSafe) : undefined
  return (
    own ??
    compilerAt(entry, 'typescript', isSafe) ??
    compilerAt(join(selfDirectory(), 'index.js'), NATIVE, () => true) ??
    NONE
  )
}

/** TypeScript 7 and later is a native program for each platform, ten times as fast as the compiler in JavaScript. */
const NATIVE = 'typescript-native'

function namesNative(entry: string): boolean {
  const manifest = nearestUp(dirname(entry), 'package.json')
  const content = manifest === undefined ? {} : parsed(readFileSync(manifest, 'utf8'))
  return ['dependencies', 'devDependencies'].some((key) => isRecord(content[key]) && NATIVE in content[key])
}

/** The error for a compiler that cannot be run, with a hint what to install. */
const NONE: Compiler = { version: 'none', command: 'tsc', first: [] }

function compilerAt(from: string, name: string, isSafe: (file: string) => boolean): Compiler | undefined {
  const require = createRequire(from)
  const manifest = resolved(require, `${name}/package.json`)
  if (manifest === undefined || !isSafe(manifest) || !isSafe(join(dirname(manifest), 'lib/tsc.js'))) return undefined
  const version = versionIn(manifest)
  // From version 7 on the compiler is a native program: starting it directly saves starting another Node.
  const native = resolved(
    createRequire(manifest),
    `@typescript/typescript-${process.platform}-${process.arch}/package.json`,
  )
  const program = native && join(dirname(native), 'lib', process.platform === 'win32' ? 'tsc.exe' : 'tsc')
  if (program !== undefined && Number.parseInt(version) >= 7 && existsSync(program))
    return isSafe(program) ? { version, command: program, first: [] } : undefined
  const script = join(dirname(manifest), 'bin/tsc')
  return existsSync(script) && isSafe(script) ? { version, command: process.execPath, first: [script] } : undefined
}

function versionIn(manifest: string): string {
  const { version } = parsed(readFileSync(manifest, 'utf8'))
  return typeof version === 'string' ? version : '0'
}

function resolved(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name)
  } catch {
    return undefined
  }
}

/** The settings of a project without a tsconfig.json: those that the README gives a new project. */
const STRICT = {
  target: 'es2023',
  module: 'nodenext',
  strict: true,
  allowImportingTsExtensions: true,
  types: ['node'],
}

/** The settings of every project: nothing is written, libraries are not checked, and unused names are allowed. */
const ALWAYS = {
  noEmit: true,
  skipLibCheck: true,
  noUnusedLocals: false,
  noUnusedParameters: false,
  composite: false,
  incremental: false,
  declaration: false,
  emitDeclarationOnly: false,
  allowImportingTsExtensions: true,
  rootDir: null,
  outDir: null,
  declarationDir: null,
  tsBuildInfoFile: null,
}

/**
 * The settings for one playbook: those of the nearest tsconfig.json above it, for the playbook, its imports, and the project's own declarations
 * (`*.d.ts`). `rolecall` and `zod` are this program's if the project has none.
 *
 * @param showConfig prints a tsconfig.json with everything it extends, as `tsc --showConfig` does
 */
export async function configFor(entry: string, showConfig: (path: string) => Promise<string>): Promise<object> {
  const base = nearestUp(dirname(entry), 'tsconfig.json')
  const project = base === undefined ? dirname(entry) : dirname(base)
  const shown = base === undefined ? {} : compilerOptionsIn(await showConfig(base))
  const missing = ['rolecall', 'zod'].filter(
    (name) => nearestUp(dirname(entry), join('node_modules', name)) === undefined,
  )
  const paths = { ...ownPaths(missing), ...absolutePaths(shown['paths'], project) }
  const typeRoots = Array.isArray(shown['typeRoots']) ? {} : { typeRoots: typeRootsAbove(dirname(entry)) }
  return {
    ...(base === undefined ? {} : { extends: base }),
    compilerOptions: {
      ...(base === undefined ? STRICT : {}),
      ...ALWAYS,
      ...typeRoots,
      ...(Object.keys(paths).length === 0 ? {} : { paths }),
    },
    files: [entry],
    include: base === undefined ? [] : [join(project, '**/*.d.ts')],
    exclude: ['node_modules', 'dist', '.rolecall'].map((name) => join(project, '**', name)),
  }
}

function compilerOptionsIn(shown: string): Readonly<Record<string, unknown>> {
  const { compilerOptions } = parsed(shown)
  // If tsconfig.json cannot be read, the type check itself reports that, with the place.
  return isRecord(compilerOptions) ? compilerOptions : {}
}

/** A JSON object, or an empty one if the text is not an object. */
function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}

function absolutePaths(paths: unknown, project: string): Record<string, string[]> {
  if (!isRecord(paths)) return {}
  return Object.fromEntries(
    Object.entries(paths).map(([name, targets]) => [
      name,
      Array.isArray(targets) ? targets.map((target) => resolve(project, String(target))) : [],
    ]),
  )
}

function ownPaths(names: readonly string[]): Record<string, string[]> {
  const index = fileURLToPath(selfIndexPath())
  const types = join(dirname(index), 'types/index.d.ts')
  const known: Record<string, string | undefined> = {
    rolecall: existsSync(types) ? types : index.replace(/dist\/index\.js$/, 'lib/index.ts'),
    zod: resolved(createRequire(index), 'zod/package.json')?.replace(/package\.json$/, 'index.d.ts'),
  }
  return Object.fromEntries(
    names.flatMap((name) => {
      const target = known[name]
      return target === undefined ? [] : [[name, [target]]]
    }),
  )
}

/** Where types of packages are looked up: at every level above the playbook, and in this program. */
function typeRootsAbove(directory: string): string[] {
  const above = allUp(directory, 'node_modules/@types')
  return [...new Set([...above, ...allUp(selfDirectory(), 'node_modules/@types')])]
}

function nearestUp(directory: string, name: string): string | undefined {
  return allUp(directory, name)[0]
}

function allUp(directory: string, name: string): string[] {
  const here = join(directory, name)
  const found = existsSync(here) ? [here] : []
  return directory === dirname(directory) ? found : [...found, ...allUp(dirname(directory), name)]
}
