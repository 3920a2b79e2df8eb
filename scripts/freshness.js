// Whether generated directories (node_modules, dist) are up to date. Uses only Node's own modules, because this runs before anything is installed.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The directory with the package.json. */
export const project = dirname(dirname(fileURLToPath(import.meta.url)))

/** The stamp with the hash of the sources of dist/. */
export const stampFile = join(project, 'dist', '.built-from')

/** The stamp with the hash of the lock file of node_modules/. */
export const installStampFile = join(project, 'node_modules', '.rolecall-installed-from')

/** A hash of all sources of dist/. */
export function sourceHash() {
  const files = [
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'scripts/build.js',
    'scripts/build-parts.js',
    'scripts/build-plugins.js',
    'scripts/licenses.js',
    ...under('lib'),
  ]
  return hashOf(files)
}

/** A hash of everything that decides the content of node_modules/. */
export function lockHash() {
  return hashOf(['package-lock.json'])
}

/**
 * Whether a stamp has this hash.
 *
 * @param {string} stamp the path of its file
 * @param {string} hash
 */
export function isFresh(stamp, hash) {
  return textOf(stamp) === hash
}

/** @param {readonly string[]} files */
function hashOf(files) {
  const hash = createHash('sha256')
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(textOf(join(project, file)))
      .update('\0')
  return hash.digest('hex')
}

/** @param {string} directory */
function under(directory) {
  return readdirSync(join(project, directory), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(project.length + 1))
    .sort()
}

/** @param {string} file */
function textOf(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ''
    throw error
  }
}

/**
 * The code of a system error, such as ENOENT.
 *
 * @param {unknown} error
 */
export function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
