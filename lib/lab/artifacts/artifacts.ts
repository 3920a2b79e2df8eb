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

/** Change this whenever this file builds something else out of the same recipe. */
const version = 2

const unfinished = '.building-'

/** How long artifacts that nobody asked for stay in the cache. */
const keepDays = 14

/** What the mirror serves, in the cache. */
export interface Artifacts {
  readonly fingerprint: string
  readonly directories: readonly string[]
}

/** What the recipes of a lab are built with. */
export interface Workbench {
  readonly cache: string
  readonly project: string
  /** Names where packages come from: artifacts built from other packages are others. */
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
 * What the lab's mirror serves, built by the project's recipes when the cache has it not. Optional ones are served when the cache has
 * them. Only one process builds at a time; what another left half built is removed.
 *
 * @throws {RolecallError} when a program fails, with its last words
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

/** The recipes, those that are asked for by name as if they were not optional. */
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

/** Anything that goes into an artifact changes it. */
async function fingerprintOf(name: string, recipe: ArtifactRecipe, { base, project }: Workbench): Promise<string> {
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
  if (!(await exists(top))) throw labError(`artifact "${name}" is made from ${top}, which is not there`)
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

/** Puts a file where it is served, with its checksum beside it as sha256sum(1) writes it. */
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
