import { accessSync, constants, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { homeDirectory } from '../../machine/account.ts'
import { makeDirectory } from '../../machine/make-directory.ts'
import { writeWhole } from '../../machine/write-whole.ts'
import { weaknessOf } from '../../machine/trusted.ts'

/**
 * The directory for data about a project between runs: node_modules/.cache/rolecall of the nearest project, or .rolecall/cache without node_modules.
 * Code is loaded from here, so a directory that another account can change is not used. Then the user's own cache is used, $XDG_CACHE_HOME/rolecall
 * or ~/.cache/rolecall, and if this is not safe either, a new directory for this run alone.
 */
export function cacheDirectory(from: string): string {
  return projectDirectories(from).find(isOurs) ?? ownDirectories().find(isOurs) ?? freshDirectory()
}

/** Makes the directory, writable only for its owner. In a project it gets a .gitignore. */
export function makeCacheDirectory(directory: string): void {
  makeDirectory(directory, 0o755)
  const own = dirname(directory)
  const ignore = join(own, '.gitignore')
  if (own.endsWith('.rolecall') && !existsSync(ignore)) writeWhole(ignore, '*\n')
}

function projectDirectories(from: string): string[] {
  const modules: string[] = []
  for (let directory = from; ; directory = dirname(directory)) {
    const here = join(directory, 'node_modules')
    if (existsSync(here)) modules.push(join(here, '.cache', 'rolecall'))
    if (
      existsSync(join(directory, 'package.json')) ||
      existsSync(join(directory, '.git')) ||
      dirname(directory) === directory
    )
      break
  }
  return [...modules, join(nearestProject(from), '.rolecall', 'cache')]
}

/** The directory with the playbooks/ or the package.json that a file belongs to. */
function nearestProject(from: string): string {
  for (let directory = from; dirname(directory) !== directory; directory = dirname(directory)) {
    if (['package.json', 'playbooks', 'inventory'].some((name) => existsSync(join(directory, name)))) return directory
  }
  return from
}

function ownDirectories(): string[] {
  const xdg = process.env['XDG_CACHE_HOME'] ?? ''
  const home = homeDirectory()
  return [...(isAbsolute(xdg) ? [xdg] : []), ...(isAbsolute(home) ? [join(home, '.cache')] : [])].map((cache) =>
    join(cache, 'rolecall', 'playbooks'),
  )
}

let fresh: string | undefined

function freshDirectory(): string {
  if (fresh !== undefined) return fresh
  const made = mkdtempSync(join(tmpdir(), 'rolecall-'))
  process.once('exit', () => rmSync(made, { recursive: true, force: true }))
  return (fresh = made)
}

/** Whether this process can write there, and no other account but root can. */
function isOurs(directory: string): boolean {
  try {
    accessSync(nearestThere(directory), constants.W_OK)
    return weaknessOf(directory) === undefined
  } catch {
    return false
  }
}

function nearestThere(directory: string): string {
  return existsSync(directory) || dirname(directory) === directory ? directory : nearestThere(dirname(directory))
}
