import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The version of this program for the package.json of a new project. If the program was installed from a file or a clone, this is the path, because no registry
 * has that version.
 *
 * @param version of this program
 * @param program the file that was started: `bin/rolecall.js`
 * @param directory of the new project
 */
export function ownSource(version: string, program: string, directory: string): string {
  const own = dirname(dirname(realpathOf(program)))
  const modules = dirname(own)
  // A clone: npm makes a link to it.
  if (basename(modules) !== 'node_modules')
    return existsSync(join(own, 'package.json')) ? fileFrom(directory, own) : `^${version}`
  const resolved = resolvedIn(join(modules, '.package-lock.json'))
  if (!resolved?.startsWith('file:')) return `^${version}`
  const path = resolved.startsWith('file://')
    ? fileURLToPath(resolved)
    : resolve(dirname(modules), resolved.slice('file:'.length))
  return existsSync(path) ? fileFrom(directory, path) : `^${version}`
}

function fileFrom(directory: string, path: string): string {
  return `file:${relative(directory, path)}`
}

/** The source that npm recorded when it installed this program. */
function resolvedIn(lock: string): string | undefined {
  try {
    const { packages } = JSON.parse(readFileSync(lock, 'utf8')) as {
      readonly packages?: Readonly<Record<string, { readonly resolved?: string } | undefined>>
    }
    return packages?.['node_modules/rolecall']?.resolved
  } catch {
    return undefined
  }
}

function realpathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
