import { randomBytes } from 'node:crypto'
import { mkdir, rename } from 'node:fs/promises'
import path from 'node:path'
import { baseRoot, type Base } from '../bases/base.ts'
import { familyNames, type FamilyName } from '../family.ts'
import { exists, namesIn, replaceAtomically, makeDirectory, textOf } from '../machine/files.ts'
import { layersOf } from './layers.ts'
import type { Lab, LabNode } from '../model.ts'
import type { HostIdentity } from '../drivers/driver.ts'
import { writeHostFiles } from './host-files.ts'
import { diskOf, type LabDirectories } from './directories.ts'
import { run } from '../machine/run.ts'

/** The id of the base's user `ops`. */
const ops = { uid: 1000, gid: 1000 }

/** Whether a host has a complete disk, and the base and layers below it still exist. */
export async function hasDisk(dirs: LabDirectories, node: string): Promise<boolean> {
  const disk = diskOf(dirs, node)
  const fingerprint = await textOf(path.join(disk, 'base'))
  if (fingerprint === undefined) return false
  const layers = [...(await layersOf(disk)), baseRoot({ fingerprint })]
  return (await Promise.all(layers.map((layer) => exists(path.join(dirs.cache, layer))))).every(Boolean)
}

/**
 * Gives a host a factory-fresh disk: a layer with nothing but the host's own files (name, address, keys).
 * The earlier disk goes to the trash. The host must not run.
 */
export async function makeDisk(
  dirs: LabDirectories,
  lab: Lab,
  node: LabNode,
  base: Base,
  made: HostIdentity,
): Promise<void> {
  await discardDisk(dirs, node.name)
  const disk = diskOf(dirs, node.name)
  const upper = path.join(disk, 'upper')
  await mkdir(disk, { recursive: true, mode: 0o700 })
  for (const part of ['upper', 'work', 'root', 'data']) await makeDirectory(path.join(disk, part))
  await writeHostFiles(upper, lab, node, made, ops)
  await replaceAtomically(path.join(disk, 'family'), `${node.family}\n`)
  // Written last: a disk without this file is not complete.
  await replaceAtomically(path.join(disk, 'base'), base.fingerprint)
}

/** Moves the disks of all hosts, and all saved ones, to the trash. */
export async function discardDisks(dirs: LabDirectories): Promise<void> {
  for (const part of ['hosts', 'saved', 'layers']) await moveToTrash(dirs, path.join(dirs.cache, dirs.lab, part), part)
}

/** Moves the disk of a host to the trash. */
export async function discardDisk(dirs: LabDirectories, node: string): Promise<void> {
  await moveToTrash(dirs, diskOf(dirs, node), node)
}

/** Moves a directory to the trash, if it exists: a rename is quick, and deleting is not. */
export async function moveToTrash(dirs: LabDirectories, directory: string, name: string): Promise<void> {
  if (!(await exists(directory))) return
  const trash = path.join(dirs.cache, dirs.lab, 'trash')
  await mkdir(trash, { recursive: true, mode: 0o700 })
  await rename(directory, path.join(trash, `${name}-${randomBytes(4).toString('hex')}`))
}

/** Empties the trash. */
export async function emptyTrash(dirs: LabDirectories): Promise<void> {
  const lab = path.join(dirs.cache, dirs.lab)
  if ((await namesIn(path.join(lab, 'trash'))).length === 0) return
  await run('rm', ['-rf', '--one-file-system', '--', path.join(lab, 'trash')])
}

/** The family of a host's disk; undefined without a complete disk. */
export async function familyOnDisk(dirs: LabDirectories, node: string): Promise<FamilyName | undefined> {
  const disk = diskOf(dirs, node)
  const word = (await textOf(path.join(disk, 'family')))?.trim()
  const isMade = (await textOf(path.join(disk, 'base'))) !== undefined
  return isMade ? (familyNames.find((name) => name === word) ?? 'debian') : undefined
}
