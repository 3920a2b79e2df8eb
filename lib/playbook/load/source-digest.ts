import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'

/**
 * The digest of a playbook with everything it imports: files of the project by their content, packages by their package.json and the loaded file. The
 * same project gives the same digest in every directory, so a plan made on one machine can be applied on another.
 *
 * @param hashes hash of the content by absolute path; an empty one means a missing file
 * @param packages files of packages, which are loaded from their own places
 */
export function sourceDigest(
  entry: string,
  hashes: Readonly<Record<string, string>>,
  packages: readonly string[],
): string {
  const files = Object.entries(hashes)
    .filter(([path, hash]) => hash !== '' && basename(path) !== 'tsconfig.json')
    .map(([path, hash]): Line => [nameOf(path, entry), hash])
  const others = packages.flatMap((path): Line[] => {
    const settings = settingsOfPackage(path)
    return [
      [nameOf(path, entry), hashOf(path)],
      ...(settings === undefined ? [] : [[nameOf(settings, entry), hashOf(settings)] as const]),
    ]
  })
  const lines = [...files, ...others].map((line) => JSON.stringify(line)).sort()
  return createHash('sha256')
    .update([...new Set(lines)].join('\n'))
    .digest('hex')
}

type Line = readonly [name: string, hash: string]

/** Packages may lie in any directory above the project. */
function nameOf(path: string, entry: string): string {
  const at = path.lastIndexOf('/node_modules/')
  return at < 0 ? relative(dirname(entry), path) : path.slice(at + 1)
}

function settingsOfPackage(path: string): string | undefined {
  for (let directory = dirname(path); directory !== dirname(directory); directory = dirname(directory)) {
    const file = join(directory, 'package.json')
    if (existsSync(file)) return file
    if (basename(directory) === 'node_modules') return undefined
  }
  return undefined
}

function hashOf(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex')
  } catch {
    return ''
  }
}
