import path from 'node:path'
import { namesIn } from '../machine/files.ts'

/** The directories of the hosts' disks in a lab's directory. */
export async function diskPlaces(lab: string): Promise<readonly string[]> {
  return await within(path.join(lab, 'hosts'))
}

/** The directories of all saved disks in a lab's directory, under any label. */
export async function savedPlaces(lab: string): Promise<readonly string[]> {
  return (await Promise.all((await within(path.join(lab, 'saved'))).map(within))).flat()
}

async function within(directory: string): Promise<readonly string[]> {
  return (await namesIn(directory)).map((name) => path.join(directory, name))
}
