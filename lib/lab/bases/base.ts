import { chmod, mkdir, mkdtemp, readdir, rename, stat, utimes } from 'node:fs/promises'
import path from 'node:path'
import { readArchive, type Archive } from '../machine/archive.ts'
import { exists, namesIn, replaceAtomically, textOf } from '../machine/files.ts'
import { withLock } from '../machine/lock.ts'
import type { Say } from '../model.ts'
import { elWorld, type ElWorld } from './el/packages.ts'
import * as el from './el/recipe.ts'
import { diskPlaces, savedPlaces } from '../disks/places.ts'
import type { FamilyName } from '../family.ts'
import { bootstrap, debootstrapCommand, expectedLines, fingerprint, finish, writeBaseFiles } from './debian.ts'
import { readResolvers } from '../machine/resolvers.ts'
import { contained, run } from '../machine/run.ts'

const unfinished = '.building-'

/** How long an unused base is kept: long enough that two versions of Rolecall used in turns keep their bases. */
const keepDays = 14

/** A root file system below the layers of hosts. Never written again once hosts use it. */
export interface Base {
  /** Its name in the cache. */
  readonly fingerprint: string
}

/** The root of a base, relative to the cache directory. */
export function baseRoot(base: Base): string {
  return path.join('base', base.fingerprint, 'root')
}

/** The recipe for the base of one family. */
interface Recipe {
  readonly fingerprint: string
  /** The base below this one. */
  readonly under?: Recipe
  /** Fills `root` in the directory `site`. The caller then moves `site` to its final name. */
  readonly build: (site: string, archive: Archive, say: Say) => Promise<void>
}

function recipes(archive: Archive, world: ElWorld): Readonly<Record<FamilyName, Recipe>> {
  const debian: Recipe = { fingerprint: fingerprint(archive), build: buildDebian }
  return {
    debian,
    el: {
      fingerprint: el.fingerprint(debian.fingerprint, world),
      under: debian,
      build: async (site, { proxy, architecture }, say) => {
        const tell = (detail: string, fraction: number): void =>
          say({ step: 'base', detail: `el: ${detail}`, fraction })
        await el.build(site, path.join('..', debian.fingerprint, 'root'), { proxy, architecture }, world, tell)
        tell('done', 1)
      },
    },
  }
}

/**
 * The base of a family, made from this machine's package archive. Built when the cache has none. One process builds at a
 * time. Half-built bases of a process that died are removed.
 *
 * @param cache as `cacheDirectory` gives it
 * @param world the packages of hosts of the Red Hat family. Default the base system alone
 * @throws {RolecallError} when a program fails, with the last lines of its output
 */
export async function ensureBase(cache: string, family: FamilyName, say: Say, world = elWorld()): Promise<Base> {
  const archive = await readArchive()
  return await ensureMade(cache, recipes(archive, world)[family], archive, say)
}

/** The base of a family for the present state of this machine's package archive. It may not be in the cache yet. */
export async function baseOf(family: FamilyName, world = elWorld()): Promise<Base> {
  return { fingerprint: recipes(await readArchive(), world)[family].fingerprint }
}

async function ensureMade(cache: string, recipe: Recipe, archive: Archive, say: Say): Promise<Base> {
  const base = { fingerprint: recipe.fingerprint }
  const root = path.join(cache, baseRoot(base))
  if (await exists(root)) {
    await utimes(path.dirname(root), new Date(), new Date())
    return base
  }
  if (recipe.under) await ensureMade(cache, recipe.under, archive, say)
  const bases = path.join(cache, 'base')
  const waiting = (): void => say({ step: 'waiting', detail: 'another process is building the base of the hosts' })
  await withLock(lockOf(cache), waiting, async () => {
    if (await exists(root)) return
    await remove(cache, [...(await unfinishedIn(cache)), ...(await forgottenIn(cache))])
    await mkdir(bases, { recursive: true, mode: 0o755 })
    const site = await mkdtemp(path.join(bases, unfinished))
    await chmod(site, 0o755)
    for (const part of ['empty', 'root', 'work', 'merged']) {
      await mkdir(path.join(site, part))
      await chmod(path.join(site, part), 0o755)
    }
    await recipe.build(site, archive, say)
    await replaceAtomically(path.join(site, 'built'), new Date().toISOString() + '\n')
    await rename(site, path.dirname(root))
  })
  return base
}

/** Removes what an interrupted build left behind, unless a build is running now. */
export async function removeUnfinished(cache: string): Promise<void> {
  if ((await unfinishedIn(cache)).length === 0) return
  const busy = new Error('a base is being built')
  const giveUp = (): void => {
    throw busy
  }
  await withLock(lockOf(cache), giveUp, async () => remove(cache, await unfinishedIn(cache))).catch(
    (error: unknown) => {
      if (error !== busy) throw error
    },
  )
}

function lockOf(cache: string): string {
  return path.join(cache, 'base.lock')
}

async function unfinishedIn(cache: string): Promise<readonly string[]> {
  return (await namesIn(path.join(cache, 'base'))).filter((name) => name.startsWith(unfinished))
}

/** Bases that no host and no saved disk uses, and that were not used lately: those of another version or another archive. */
async function forgottenIn(cache: string): Promise<readonly string[]> {
  const inUse = await basesInUse(cache)
  const forgotten: string[] = []
  for (const name of await namesIn(path.join(cache, 'base'))) {
    const { mtimeMs } = await stat(path.join(cache, 'base', name))
    if (!inUse.has(name) && Date.now() - mtimeMs > keepDays * 24 * 3600 * 1000) forgotten.push(name)
  }
  return forgotten
}

async function remove(cache: string, names: readonly string[]): Promise<void> {
  const directories = names.map((name) => path.join(cache, 'base', name))
  if (directories.length > 0) await run('rm', ['-rf', '--one-file-system', '--', ...directories])
}

async function basesInUse(cache: string): Promise<ReadonlySet<string>> {
  const labs = path.join(cache, 'labs')
  const used = new Set<string>()
  for (const lab of await namesIn(labs)) {
    const dirs = path.join(labs, lab)
    for (const disk of [...(await diskPlaces(dirs)), ...(await savedPlaces(dirs))])
      used.add((await textOf(path.join(disk, 'base'))) ?? '')
  }
  return used
}

async function buildDebian(site: string, archive: Archive, say: Say): Promise<void> {
  const tell = (detail: string, fraction: number): void => say({ step: 'base', detail, fraction })
  let lines = 0
  const env = archive.proxy === '' ? {} : { http_proxy: archive.proxy, https_proxy: archive.proxy }
  await run(...contained('sh', ['-c', bootstrap, 'sh', ...debootstrapCommand(archive)]), {
    cwd: site,
    env,
    onLine: (line) => tell(line.replace(/^[IW]: /, ''), 0.9 * Math.min(1, ++lines / expectedLines)),
  })
  const root = path.join(site, 'root')
  await writeBaseFiles(root, archive, await readResolvers(say))
  tell('Reading package lists', 0.9)
  await run(...contained('sh', ['-c', finish]), { cwd: site, env })
  tell(`${(await readdir(root)).length} directories in place`, 1)
}
