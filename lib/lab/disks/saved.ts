import { randomBytes } from 'node:crypto'
import { mkdir, rename, stat } from 'node:fs/promises'
import path from 'node:path'
import { baseRoot } from '../bases/base.ts'
import type { Saved } from '../drivers/driver.ts'
import { diskOf, type LabDirectories } from './directories.ts'
import { discardDisk, moveToTrash } from './disk.ts'
import { exists, namesIn, replaceAtomically, makeDirectory, textOf } from '../machine/files.ts'
import { layersOf, writeLayers } from './layers.ts'
import { labError, type Lab, type LabNode } from '../model.ts'
import { nameOption } from '../ownership/requester.ts'
import { run } from '../machine/run.ts'
import { shareLayer } from './sharing.ts'

/** The most layers that a disk may have: the kernel takes mount options of one page at most. */
const mostLayers = 20

/** The saved disks of a lab, by label. */
export async function savedIn(dirs: LabDirectories): Promise<readonly Saved[]> {
  const found: Saved[] = []
  for (const label of await namesIn(savedRoom(dirs))) {
    const nodes: string[] = []
    let at = 0
    for (const node of await namesIn(path.join(savedRoom(dirs), label))) {
      const mark = path.join(savedRoom(dirs), label, node, 'base')
      if (!(await exists(mark))) continue
      nodes.push(node)
      at = Math.max(at, (await stat(mark)).mtimeMs)
    }
    if (nodes.length > 0) found.push({ label, nodes, at: new Date(at) })
  }
  return found
}

/**
 * Refuses to save a host that has no disk, or whose disk has too many layers already.
 *
 * @throws {RolecallError} that names the hosts.
 */
export async function requireRoom(dirs: LabDirectories, lab: Lab, nodes: readonly LabNode[]): Promise<void> {
  for (const { name } of nodes) {
    const disk = diskOf(dirs, name)
    if (!(await exists(path.join(disk, 'base'))))
      throw labError(`${name} has no disk to save`, {
        host: name,
        hint: `rolecall lab up ${name}${nameOption(lab.name)}`,
      })
    const count = (await layersOf(disk)).length
    if (count < mostLayers) continue
    throw labError(`the disk of ${name} was saved too often without a restore or reset`, {
      host: name,
      expected: `fewer than ${mostLayers} layers`,
      got: String(count),
      hint: `rolecall lab reset ${name}${nameOption(lab.name)}, or restore something that was saved earlier`,
    })
  }
}

/** Saves a host's disk, in place of an earlier one under the same label. The host must not run. */
export async function saveDisk(dirs: LabDirectories, label: string, node: string): Promise<void> {
  const disk = diskOf(dirs, node)
  const place = path.join(savedRoom(dirs), label, node)
  const draft = path.join(dirs.cache, dirs.lab, 'trash', `${node}-${randomBytes(4).toString('hex')}`)
  await mkdir(draft, { recursive: true, mode: 0o700 })
  await copy(path.join(disk, 'data'), path.join(draft, 'data'))
  await writeLayers(draft, await shareLayer(dirs, node))
  for (const name of ['family', 'base'])
    await replaceAtomically(path.join(draft, name), (await textOf(path.join(disk, name))) ?? '')
  await mkdir(path.dirname(place), { recursive: true, mode: 0o700 })
  await moveToTrash(dirs, place, node)
  await rename(draft, place)
}

/**
 * Puts a saved disk in place of a host's present disk, which goes to the trash. The host must not run.
 *
 * @throws {RolecallError} when the base of the saved disk is gone.
 */
export async function restoreDisk(dirs: LabDirectories, label: string, node: string): Promise<void> {
  const place = path.join(savedRoom(dirs), label, node)
  const fingerprint = (await textOf(path.join(place, 'base'))) ?? ''
  const layers = await layersOf(place)
  for (const part of [baseRoot({ fingerprint }), ...layers])
    if (!(await exists(path.join(dirs.cache, part))))
      throw labError(`the saved disk ${label} of ${node} is not complete: ${part} is gone`, { host: node })
  await discardDisk(dirs, node)
  const disk = diskOf(dirs, node)
  await mkdir(disk, { recursive: true, mode: 0o700 })
  for (const part of ['upper', 'work', 'root']) await makeDirectory(path.join(disk, part))
  await copy(path.join(place, 'data'), path.join(disk, 'data'))
  await writeLayers(disk, layers)
  await replaceAtomically(path.join(disk, 'family'), (await textOf(path.join(place, 'family'))) ?? '')
  // Written last: a disk without this file is not complete.
  await replaceAtomically(path.join(disk, 'base'), fingerprint)
}

function savedRoom({ cache, lab }: LabDirectories): string {
  return path.join(cache, lab, 'saved')
}

/** Copies a directory. Quick where the file system can share blocks. */
async function copy(from: string, to: string): Promise<void> {
  await run('cp', ['--archive', '--reflink=auto', '--sparse=auto', '--one-file-system', '--', from, to])
}
