import path from 'node:path'
import { replaceAtomically, textOf } from '../machine/files.ts'

/**
 * The layers between a host's own one and its base, uppermost first: what its disk was when it was saved. They are
 * read-only, and disks share them. Paths are relative to the cache directory, as overlay options want them.
 */
export async function layersOf(directory: string): Promise<readonly string[]> {
  const text = (await textOf(path.join(directory, 'layers'))) ?? ''
  return text.split('\n').filter((line) => line !== '')
}

/** Writes down which layers a disk, or a saved one, is made of. */
export async function writeLayers(directory: string, layers: readonly string[]): Promise<void> {
  await replaceAtomically(path.join(directory, 'layers'), layers.map((layer) => `${layer}\n`).join(''))
}
