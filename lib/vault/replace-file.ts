import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { randomBytes } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { RolecallError } from '../errors.ts'
import { withPath } from '../machine/write-whole.ts'

/**
 * Replaces a file atomically: readers see the whole old or the whole new content, even after a crash. Mode and owner
 * are kept. A link is kept, and its target is replaced. A new file gets mode 0600.
 *
 * Throws a RolecallError when the owner cannot be kept, and the system's error when space or permission is missing.
 */
export function replaceFile(path: string, content: Buffer | string, options: { readonly mode?: number } = {}): void {
  const target = realPathOf(path)
  const before = statSync(target, { throwIfNoEntry: false })
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`)
  const file = openSync(temporary, 'wx', 0o600)
  try {
    try {
      writeFileSync(file, content)
      if (before !== undefined) keepOwner(file, before, target)
      if (before !== undefined) fchmodSync(file, (options.mode ?? before.mode) & 0o7777)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, target)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw withPath(error, target)
  }
  syncDirectory(dirname(target))
}

function keepOwner(file: number, { uid, gid }: { uid: number; gid: number }, target: string): void {
  if (process.geteuid?.() === uid && process.getegid?.() === gid) return
  try {
    fchownSync(file, uid, gid)
  } catch {
    throw new RolecallError({
      code: 'usage',
      message: `you cannot keep the owner of ${target} (user ${uid}, group ${gid}), so the file is left as it is`,
      hint: 'run it as its owner',
    })
  }
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** Some file systems cannot sync a directory and do not need it. */
function syncDirectory(directory: string): void {
  try {
    const opened = openSync(directory, 'r')
    fsyncSync(opened)
    closeSync(opened)
  } catch {
    // The content itself is on the disk already.
  }
}
