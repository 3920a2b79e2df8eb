import path from 'node:path'
import { replaceAtomically, textOf } from '../machine/files.ts'

/**
 * The layers between a host's own layer and its base, uppermost first: one for each time the disk was saved. They are
 * read-only, and disks share them. Paths are relative to the cache directory, for overlay options.
 */
export async function layersOf(directory: string): Promise<readonly string[]> {
  const text = (await textOf(path.join(directory, 'layers'))) ?? ''
  return text.split('\n').filter((line) => line !== '')
}

/** Records the layers of a disk or of a saved disk. */
export async function writeLayers(directory: string, layers: readonly string[]): Promise<void> {
  await replaceAtomically(path.join(directory, 'layers'), layers.map((layer) => `${layer}\n`).join(''))
}
