import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setSourceMapsEnabled } from 'node:process'
import { pathToFileURL } from 'node:url'
import { bundle } from './bundle.ts'
import { openCache } from './cache.ts'
import { loadError } from './load-error.ts'
import { findPlaybook, friendly } from './find.ts'
import type { Playbook } from '../playbook.ts'
import { validatePlaybook } from './validate-playbook.ts'

export { knownRoleNames, playbookNames } from './find.ts'

/** A playbook, and the file it stands in. */
export interface LoadedPlaybook {
  readonly playbook: Playbook
  /** As a person would write it in the directory it was asked for in: `playbooks/site.ts`. */
  readonly file: string
  /** SHA-256 of the playbook with everything of the user's that it imports. */
  readonly digest: string
}

/**
 * Loads a user's playbook as it is, TypeScript or JavaScript, with everything it imports.
 *
 * Node 20 runs no TypeScript, so the files are joined into one module, which is kept in the project's cache: as long as
 * none of the files changes, the next start is an import and nothing else. Stacks name the user's own files and lines.
 *
 * Throws a RolecallError with the place of whatever keeps the playbook from being loaded.
 *
 * @example
 * const { playbook } = await loadPlaybook('site')          // playbooks/site.ts
 * const { playbook: web } = await loadPlaybook('./web.ts')
 */
export async function loadPlaybook(
  nameOrPath: string,
  { cwd = process.cwd() }: { readonly cwd?: string } = {},
): Promise<LoadedPlaybook> {
  const entry = findPlaybook(nameOrPath, cwd)
  const file = friendly(entry, cwd)
  const { exported, digest } = await loadModule(entry, cwd)
  return { playbook: validatePlaybook(exported, file), file, digest }
}

/**
 * Loads a module of the user's, TypeScript or JavaScript, with everything it imports.
 *
 * Throws a RolecallError with the place of whatever keeps the module from being loaded.
 *
 * @param entry its absolute path
 * @param what what messages call it; the playbook by default
 */
export async function loadModule(
  entry: string,
  cwd: string,
  what?: string,
): Promise<{ exported: unknown; digest: string }> {
  const cache = openCache(entry)
  const built = cache.read() ?? cache.write(await bundle(entry, cwd))
  setSourceMapsEnabled(true)
  try {
    const exported: unknown = await import(pathToFileURL(built.module).href)
    return { exported, digest: createHash('sha256').update(readFileSync(built.module)).digest('hex') }
  } catch (error) {
    throw await loadError(error, built, cwd, what)
  }
}
