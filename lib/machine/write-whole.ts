import { rmSync, statSync, writeFileSync, type WriteFileOptions } from 'node:fs'

/** Writes a whole file. If this fails, for instance on a full disk, no partial file is left, and the error names the file. */
export function writeWhole(path: string, content: string | Uint8Array, options: WriteFileOptions = {}): void {
  const isNew = statSync(path, { throwIfNoEntry: false }) === undefined
  try {
    writeFileSync(path, content, options)
  } catch (error) {
    const wasBegun = error instanceof Error && 'syscall' in error && error.syscall === 'write'
    if (isNew && wasBegun) rmSync(path, { force: true })
    throw withPath(error, path)
  }
}

/** An error of the system that names the file it is about: the error of a write does not. */
export function withPath(error: unknown, path: string): unknown {
  return error instanceof Error && 'syscall' in error && !('path' in error) ? Object.assign(error, { path }) : error
}
