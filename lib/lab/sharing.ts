import { randomBytes } from 'node:crypto'
import { mkdir, rename } from 'node:fs/promises'
import path from 'node:path'
import { diskOf, setAside, type Rooms } from './disk.ts'
import { exists, namesIn, putDirectory } from './files.ts'
import { layersOf, putLayers } from './layers.ts'
import { diskPlaces, savedPlaces } from './places.ts'

/**
 * Makes the host's own layer one that can be shared, and gives the host an empty one upon it. The host must not run.
 * Gives all layers of the host then.
 */
export async function shareLayer(rooms: Rooms, node: string): Promise<readonly string[]> {
  const disk = diskOf(rooms, node)
  const layer = path.join(rooms.lab, 'layers', `${node}-${randomBytes(4).toString('hex')}`)
  const layers = [layer, ...(await layersOf(disk))]
  await mkdir(path.join(rooms.cache, path.dirname(layer)), { recursive: true, mode: 0o700 })
  await putLayers(disk, layers)
  await rename(path.join(disk, 'upper'), path.join(rooms.cache, layer))
  await mendLayers(rooms, node)
  return layers
}

/** Comes to the end of a `shareLayer` that was interrupted: the layer was moved, or it was not. */
export async function mendLayers(rooms: Rooms, node: string): Promise<void> {
  const disk = diskOf(rooms, node)
  if (!(await exists(path.join(disk, 'base')))) return
  if (await exists(path.join(disk, 'upper'))) {
    const [first, ...others] = await layersOf(disk)
    if (first !== undefined && !(await exists(path.join(rooms.cache, first)))) await putLayers(disk, others)
  } else {
    // What overlayfs keeps in `work` is about the layer that was moved.
    await setAside(rooms, path.join(disk, 'work'), node)
    for (const part of ['upper', 'work']) await putDirectory(path.join(disk, part))
  }
}

/** Sets layers aside for `emptyTrash` that neither a host's disk nor a saved one is made of. */
export async function discardUnused(rooms: Rooms): Promise<void> {
  const lab = path.join(rooms.cache, rooms.lab)
  const disks = [...(await diskPlaces(lab)), ...(await savedPlaces(lab))]
  const used = new Set((await Promise.all(disks.map(layersOf))).flat())
  for (const name of await namesIn(path.join(lab, 'layers')))
    if (!used.has(path.join(rooms.lab, 'layers', name))) await setAside(rooms, path.join(lab, 'layers', name), name)
}
