import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a directory and those above it that are not there. Node's own `recursive` never returns below a directory in which nothing can be made and
 * that says so as if it were not there itself, such as /proc.
 *
 * Throws the error of the system for the directory that cannot be made.
 *
 * @param mode of each directory that is made; default 0777 without the umask
 *
 * @example
 * makeDirectory('/var/lib/app/cache', 0o700)
 */
export function makeDirectory(path: string, mode = 0o777): void {
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    if (isDirectory(path)) return
    const parent = dirname(path)
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (!isMissing || parent === path || isDirectory(parent)) throw error
    makeDirectory(parent, mode)
    makeOne(path, mode)
  }
}

function makeOne(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    // Another process has made it meanwhile.
    if (!isDirectory(path)) throw error
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  } catch {
    return false
  }
}
