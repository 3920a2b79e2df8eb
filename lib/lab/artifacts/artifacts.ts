import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { exists, namesIn, replaceAtomically } from '../machine/files.ts'
import { withLock } from '../machine/lock.ts'
import { run } from '../machine/run.ts'
import { labError, type Say } from '../model.ts'
import type { ArtifactRecipe, BuildContext } from './recipe.ts'

/** Scripts of the mirror: beside the sources and, as the build copies them, beside the bundle. */
export const mirrorParts = fileURLToPath(new URL('./parts/', import.meta.url))

/** Change this when this file builds something different from the same recipe, so that the cache is not used. */
const version = 2

const unfinished = '.building-'

/** How long unused artifacts stay in the cache. */
const keepDays = 14

/** The directory in the cache that the mirror serves. */
export interface Artifacts {
  readonly fingerprint: string
  readonly directories: readonly string[]
}

/** What recipes need for building. */
export interface Workbench {
  readonly cache: string
  readonly project: string
  /** Identifies the package archive, because another archive gives other artifacts. */
  readonly base: string
  readonly architecture: string
  /** Runs a script as root in a throwaway Debian root with packages, in the directory, which is `/build` there. */
  readonly debian: (
    directory: string,
    script: string,
    packages: readonly string[],
    onLine: (line: string) => void,
  ) => Promise<void>
}

/**
 * Builds the artifacts that the cache does not have, and returns all that the mirror serves. Optional artifacts are served only when the
 * cache has them. One process builds at a time. Half-built artifacts of a process that died are removed.
 *
 * @throws {RolecallError} when a program fails, with the last lines of its output
 */
export async function ensureArtifacts(
  recipes: Readonly<Record<string, ArtifactRecipe>>,
  workbench: Workbench,
  say: Say,
): Promise<Artifacts> {
  const all = path.join(workbench.cache, 'artifacts')
  const made: string[] = []
  for (const [name, recipe] of Object.entries(recipes)) {
    const fingerprint = await fingerprintOf(name, recipe, workbench)
    if (recipe.optional === true && !(await exists(path.join(all, fingerprint)))) continue
    await ensureArtifact(all, fingerprint, name, recipe, workbench, say)
    made.push(fingerprint)
  }
  return {
    fingerprint: createHash('sha256').update(made.join()).digest('hex').slice(0, 12),
    directories: made.map((fingerprint) => path.join(all, fingerprint, 'files')),
  }
}

/** The names of artifacts that the cache does not have. */
export async function missingArtifacts(
  recipes: Readonly<Record<string, ArtifactRecipe>>,
  workbench: Pick<Workbench, 'cache' | 'project' | 'base'>,
): Promise<readonly string[]> {
  const missing: string[] = []
  for (const [name, recipe] of Object.entries(recipes)) {
    const made = path.join(workbench.cache, 'artifacts', await fingerprintOf(name, recipe, workbench))
    if (!(await exists(made))) missing.push(name)
  }
  return missing
}

/** The recipes. Optional ones that were asked for by name are no longer optional. */
export function withArtifacts(
  recipes: Readonly<Record<string, ArtifactRecipe>> = {},
  wanted: readonly string[] = [],
): Readonly<Record<string, ArtifactRecipe>> {
  for (const name of wanted)
    if (recipes[name] === undefined)
      throw labError(`the lab has no artifact "${name}"`, {
        expected: Object.keys(recipes).join(', ') || 'artifacts in lab/lab.ts',
        got: name,
      })
  const isWanted = (name: string): boolean => wanted.includes(name)
  return Object.fromEntries(
    Object.entries(recipes).map(([name, recipe]) => [name, isWanted(name) ? { ...recipe, optional: false } : recipe]),
  )
}

async function ensureArtifact(
  all: string,
  fingerprint: string,
  name: string,
  recipe: ArtifactRecipe,
  workbench: Workbench,
  say: Say,
): Promise<void> {
  const home = path.join(all, fingerprint)
  if (await exists(home)) return await utimes(home, new Date(), new Date())
  const waiting = (): void => say({ step: 'waiting', detail: 'another process is building what the mirror serves' })
  await withLock(path.join(workbench.cache, 'artifacts.lock'), waiting, async () => {
    if (await exists(home)) return
    await mkdir(all, { recursive: true, mode: 0o755 })
    await removeOld(all)
    const site = await mkdtemp(path.join(all, unfinished))
    await build(site, name, recipe, workbench, say)
    await rename(site, home)
  })
}

async function removeOld(all: string): Promise<void> {
  for (const name of await namesIn(all)) {
    const { mtimeMs } = await stat(path.join(all, name))
    const isOld = Date.now() - mtimeMs > keepDays * 24 * 3600 * 1000
    if (name.startsWith(unfinished) || isOld) await rm(path.join(all, name), { recursive: true, force: true })
  }
}

/** Covers everything that goes into the artifact. */
async function fingerprintOf(
  name: string,
  recipe: ArtifactRecipe,
  { base, project }: Pick<Workbench, 'base' | 'project'>,
): Promise<string> {
  const recipeText = { name, base, version, own: recipe.version, build: recipe.build.toString() }
  const hash = createHash('sha256').update(JSON.stringify(recipeText))
  for (const from of [recipe.source ?? []].flat()) {
    const top = path.resolve(project, from)
    for (const file of await filesBelow(top, name))
      hash.update(`${path.relative(top, file)}\0`).update(await readFile(file))
  }
  return hash.digest('hex').slice(0, 12)
}

async function filesBelow(top: string, name: string): Promise<readonly string[]> {
  if (!(await exists(top))) throw labError(`artifact "${name}" is made from ${top}, which does not exist`)
  if (!(await stat(top)).isDirectory()) return [top]
  const entries = await readdir(top, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
  return files.sort()
}

async function build(
  site: string,
  name: string,
  recipe: ArtifactRecipe,
  { architecture, debian }: Workbench,
  say: Say,
): Promise<void> {
  let fraction = 0
  const tell = (detail: string): void =>
    say({ step: 'mirror', detail: `${name}: ${detail}`, fraction: (fraction += (1 - fraction) / 5) })
  await chmod(site, 0o755)
  const directory = path.join(site, 'work')
  const files = path.join(site, 'files')
  await mkdir(directory)
  await mkdir(files)
  const served: string[] = []
  const context: BuildContext = {
    directory,
    architecture,
    debian: (script, packages = []) => debian(directory, script, packages, tell),
    run: (program, args = []) => run(program, args, { cwd: directory }),
    serve: async (file, at) => {
      await serve(path.resolve(directory, file), files, at)
      served.push(at)
    },
    say: tell,
  }
  await recipe.build(context)
  if (served.length === 0)
    throw labError(`the recipe of artifact "${name}" serves no file`, { hint: 'await serve(file, path)' })
  await rm(directory, { recursive: true })
  say({
    step: 'mirror',
    detail: `${name}: ${served.length === 1 ? '1 file is' : `${served.length} files are`} in place`,
    fraction: 1,
  })
}

/** Moves a file to where it is served, and writes its checksum beside it in the format of sha256sum(1). */
async function serve(from: string, files: string, at: string): Promise<void> {
  const target = path.join(files, path.join('/', at))
  await mkdir(path.dirname(target), { recursive: true })
  await rename(from, target)
  await replaceAtomically(`${target}.sha256`, `${await sha256(target)}  ${path.basename(target)}\n`)
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
