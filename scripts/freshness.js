// Whether what is made from something else (node_modules, dist) is still what it would be if it were made now.
// Only node's own modules: this runs before anything is installed.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The directory with the package.json. */
export const project = dirname(dirname(fileURLToPath(import.meta.url)))

/** Holds the hash of the sources that dist/ was built from. */
export const stampFile = join(project, 'dist', '.built-from')

/** Holds the hash of the lock file that node_modules/ was installed from. */
export const installStampFile = join(project, 'node_modules', '.rolecall-installed-from')

/** A hash of everything that dist/ is built from. */
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

/** A hash of everything that node_modules/ is installed from. */
export function lockHash() {
  return hashOf(['package-lock.json'])
}

/**
 * Whether a stamp holds this hash.
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
 * The code of an error of the system's, such as ENOENT.
 *
 * @param {unknown} error
 */
export function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
