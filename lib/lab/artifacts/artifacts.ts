import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, cp, link, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { baseRoot, type Base } from '../bases/base.ts'
import { exists, namesIn, replaceAtomically } from '../machine/files.ts'
import { editions, imageFiles, layerFile, type Edition } from './images.ts'
import { withLock } from '../machine/lock.ts'
import type { Say } from '../model.ts'
import { contained, run } from '../machine/run.ts'

/** Scripts and data of the mirror: beside the sources and, as the build copies them, beside the bundle. */
export const mirrorParts = fileURLToPath(new URL('./parts/', import.meta.url))

/** Change this whenever this file packs something else, so that what was built the old way is not served again. */
const version = 1

const unfinished = '.building-'

/** How long artifacts that nobody asked for stay in the cache. */
const keepDays = 14

/** What the mirror serves, in the cache. */
export interface Artifacts {
  readonly fingerprint: string
  readonly directory: string
}

/**
 * What the lab's mirror serves, built from packages of the distribution when the cache has it not. Only one process
 * builds at a time; what another left half built is removed.
 *
 * @throws {Refusal} when a program fails, with its last words
 */
export async function ensureArtifacts(cache: string, base: Base, say: Say): Promise<Artifacts> {
  const all = path.join(cache, 'artifacts')
  const fingerprint = await fingerprintOf(base)
  const home = path.join(all, fingerprint)
  const made = { fingerprint, directory: path.join(home, 'files') }
  if (await exists(made.directory)) {
    await utimes(home, new Date(), new Date())
    return made
  }
  const waiting = (): void => say({ step: 'waiting', detail: 'another process is building what the mirror serves' })
  await withLock(path.join(cache, 'artifacts.lock'), waiting, async () => {
    if (await exists(made.directory)) return
    await mkdir(all, { recursive: true, mode: 0o755 })
    await removeOld(all)
    const site = await mkdtemp(path.join(all, unfinished))
    await build(cache, site, base, say)
    await rename(site, home)
  })
  return made
}

async function removeOld(all: string): Promise<void> {
  for (const name of await namesIn(all)) {
    const { mtimeMs } = await stat(path.join(all, name))
    const isOld = Date.now() - mtimeMs > keepDays * 24 * 3600 * 1000
    if (name.startsWith(unfinished) || isOld) await rm(path.join(all, name), { recursive: true, force: true })
  }
}

/** Anything that goes into the artifacts changes it. The base stands for where the packages come from. */
async function fingerprintOf(base: Base): Promise<string> {
  const images = editions.map((edition) => imageFiles(edition, '', ''))
  const hash = createHash('sha256').update(JSON.stringify({ base, version, images }))
  const entries = await readdir(mirrorParts, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
  for (const file of files.sort()) {
    hash.update(`${path.relative(mirrorParts, file)}\0`).update(await readFile(file))
  }
  return hash.digest('hex').slice(0, 12)
}

async function build(cache: string, site: string, base: Base, say: Say): Promise<void> {
  let fraction = 0
  const tell = (detail: string): void =>
    say({ step: 'mirror', detail, fraction: (fraction = Math.min(0.9, fraction + 0.2)) })
  const architecture = (await run('dpkg', ['--print-architecture'])).trim()
  await chmod(site, 0o755)
  const work = path.join(site, 'work')
  const files = path.join(site, 'files')
  await mkdir(work)
  await mkdir(files)
  // Relative, so that no character of the cache's path needs escaping in the options of the overlay.
  const root = path.relative(work, path.join(cache, baseRoot(base)))
  const script = [path.join(mirrorParts, 'build.sh'), root, mirrorParts]
  await run(...contained('sh', script), { cwd: work, onLine: tell })
  for (const tool of ['cfssl', 'cfssljson', 'cfssl-certinfo']) {
    await publish(path.join(work, tool), files, `R1.2/${tool}_linux-${architecture}`)
  }
  for (const edition of editions) {
    tell(`Packing the installer of ${edition.version}`)
    await publish(await packInstaller(work, edition, architecture), files, edition.path)
  }
  await rename(path.join(work, 'versions'), path.join(site, 'versions'))
  await rm(work, { recursive: true })
  say({ step: 'mirror', detail: `${editions.length} installers and cfssl are in place`, fraction: 1 })
}

/** Puts a file where it is served, with its checksum beside it as sha256sum(1) writes it. */
async function publish(from: string, files: string, at: string): Promise<void> {
  const target = path.join(files, at)
  await mkdir(path.dirname(target), { recursive: true })
  await rename(from, target)
  await replaceAtomically(`${target}.sha256`, `${await sha256(target)}  ${path.basename(target)}\n`)
}

/** The offline installer of one edition, as Harbor lays it out. */
async function packInstaller(work: string, edition: Edition, architecture: string): Promise<string> {
  const { version, line } = edition
  const parts = path.join(mirrorParts, 'harbor')
  const stage = path.join(work, version)
  const images = path.join(stage, 'images')
  const harbor = path.join(stage, 'harbor')
  await mkdir(path.join(images, path.dirname(layerFile)), { recursive: true })
  await mkdir(harbor)
  await link(path.join(work, 'rootfs.tar'), path.join(images, layerFile))
  const described = imageFiles(edition, architecture, await sha256(path.join(work, 'rootfs.tar')))
  for (const [name, text] of Object.entries(described)) await replaceAtomically(path.join(images, name), text)
  await pack(images, ['.'], path.join(harbor, `harbor.${version}.tar.gz`), 6)

  const settings = line === 2 ? 'harbor.yml.tmpl' : 'harbor.yml'
  await cp(path.join(parts, line === 2 ? 'harbor.v2.yml.tmpl' : 'harbor.v1.yml'), path.join(harbor, settings))
  for (const name of ['LICENSE', 'install.sh', ...(line === 2 ? ['common.sh'] : [])]) {
    await cp(path.join(parts, name), path.join(harbor, name))
  }
  const prepare = await readFile(path.join(parts, 'prepare'), 'utf8')
  await replaceAtomically(path.join(harbor, 'prepare'), prepare.replace('@version@', version))
  for (const name of await namesIn(harbor)) {
    await chmod(path.join(harbor, name), ['install.sh', 'prepare'].includes(name) ? 0o755 : 0o644)
  }
  const installer = path.join(stage, 'installer.tgz')
  await pack(stage, ['harbor'], installer, 1)
  return installer
}

async function pack(directory: string, names: readonly string[], to: string, level: number): Promise<void> {
  const same = ['--sort=name', '--mtime=@1600000000', '--numeric-owner', '--owner=0', '--group=0']
  await run('tar', ['-C', directory, ...same, `-Igzip -n -${level}`, '-cf', to, ...names])
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
