import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, readFile, readdir, rename, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'

export interface FileOptions {
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
}

/** Writes a file atomically. Its mode (default 0644) does not depend on the umask. */
export async function replaceAtomically(
  file: string,
  content: string | Uint8Array,
  options: FileOptions = {},
): Promise<void> {
  const draft = `${file}.${randomBytes(4).toString('hex')}`
  await writeFile(draft, content, { mode: 0o600, flag: 'wx' })
  await chmod(draft, options.mode ?? 0o644)
  if (options.uid !== undefined) await chown(draft, options.uid, options.gid ?? options.uid)
  await rename(draft, file)
}

/** Makes a directory with exactly this mode (default 0755) and owner, whatever the umask. Its parent must exist. */
export async function makeDirectory(directory: string, options: FileOptions = {}): Promise<void> {
  await mkdir(directory, { recursive: true })
  await chmod(directory, options.mode ?? 0o755)
  if (options.uid !== undefined) await chown(directory, options.uid, options.gid ?? options.uid)
}

/** The file's text, or undefined when it is not there. Other errors are thrown. */
export async function textOf(file: string): Promise<string | undefined> {
  return await unlessMissing(readFile(file, 'utf8'))
}

/** The names in a directory, none when it is not there. */
export async function namesIn(directory: string): Promise<readonly string[]> {
  return (await unlessMissing(readdir(directory))) ?? []
}

/** Whether anything is at this path. */
export async function exists(file: string): Promise<boolean> {
  return (await unlessMissing(stat(file))) !== undefined
}

/**
 * Rolecall's cache: `$XDG_CACHE_HOME/rolecall` or `~/.cache/rolecall`.
 * An XDG_CACHE_HOME that is not absolute is ignored, as the XDG base directory specification asks.
 */
export function cacheDirectory(env: NodeJS.ProcessEnv, home: string): string {
  const chosen = env['XDG_CACHE_HOME']
  return path.join(chosen !== undefined && path.isAbsolute(chosen) ? chosen : path.join(home, '.cache'), 'rolecall')
}

/** /proc and cgroupfs report ENOTDIR, ESRCH or ENODEV when the process or group is gone in the meantime. */
async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (['ENOENT', 'ENOTDIR', 'ESRCH', 'ENODEV'].includes(code)) return undefined
    throw error
  }
}
