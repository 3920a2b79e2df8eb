import { randomBytes } from 'node:crypto'
import { mkdir, rename } from 'node:fs/promises'
import path from 'node:path'
import { diskOf, type LabDirectories } from './directories.ts'
import { moveToTrash } from './disk.ts'
import { exists, namesIn, makeDirectory } from '../machine/files.ts'
import { layersOf, writeLayers } from './layers.ts'
import { diskPlaces, savedPlaces } from './places.ts'

/**
 * Turns the host's own layer into a shared one, and gives the host an empty layer above it. The host must not run.
 * Returns all layers of the host.
 */
export async function shareLayer(dirs: LabDirectories, node: string): Promise<readonly string[]> {
  const disk = diskOf(dirs, node)
  const layer = path.join(dirs.lab, 'layers', `${node}-${randomBytes(4).toString('hex')}`)
  const layers = [layer, ...(await layersOf(disk))]
  await mkdir(path.join(dirs.cache, path.dirname(layer)), { recursive: true, mode: 0o700 })
  await writeLayers(disk, layers)
  await rename(path.join(disk, 'upper'), path.join(dirs.cache, layer))
  await repairLayers(dirs, node)
  return layers
}

/** Completes a `shareLayer` that was interrupted before or after moving the layer. */
export async function repairLayers(dirs: LabDirectories, node: string): Promise<void> {
  const disk = diskOf(dirs, node)
  if (!(await exists(path.join(disk, 'base')))) return
  if (await exists(path.join(disk, 'upper'))) {
    const [first, ...others] = await layersOf(disk)
    if (first !== undefined && !(await exists(path.join(dirs.cache, first)))) await writeLayers(disk, others)
  } else {
    // The overlayfs data in `work` belongs to the moved layer.
    await moveToTrash(dirs, path.join(disk, 'work'), node)
    for (const part of ['upper', 'work']) await makeDirectory(path.join(disk, part))
  }
}

/** Moves layers to the trash that no disk uses, neither a host's nor a saved one. */
export async function discardUnused(dirs: LabDirectories): Promise<void> {
  const lab = path.join(dirs.cache, dirs.lab)
  const disks = [...(await diskPlaces(lab)), ...(await savedPlaces(lab))]
  const used = new Set((await Promise.all(disks.map(layersOf))).flat())
  for (const name of await namesIn(path.join(lab, 'layers')))
    if (!used.has(path.join(dirs.lab, 'layers', name))) await moveToTrash(dirs, path.join(lab, 'layers', name), name)
}
