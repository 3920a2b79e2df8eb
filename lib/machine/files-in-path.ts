import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * The files of this name in the directories of PATH, in their order, whether they can be run or not.
 *
 * @example filesInPath('ssh')   // ['/usr/bin/ssh']
 */
export function filesInPath(name: string, path = process.env['PATH'] ?? ''): readonly string[] {
  return path
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, name))
    .filter((file) => existsSync(file))
}
