import { bundle } from './bundle.ts'
import { openCache } from './cache.ts'
import { importModule, readToItsEnd } from './import-module.ts'
import { loadError } from './load-error.ts'
import { findPlaybook, friendly } from './find.ts'
import type { Playbook } from '../playbook.ts'
import { validatePlaybook } from './validate-playbook.ts'

export { knownRoleNames, playbookNames } from './find.ts'

/** A playbook and its file. */
interface LoadedPlaybook {
  readonly playbook: Playbook
  /** The path relative to the working directory: `playbooks/site.ts`. */
  readonly file: string
  /** SHA-256 of the playbook and everything it imports: files of the project, and packages with their versions. */
  readonly digest: string
}

/**
 * Loads a user's playbook, TypeScript or JavaScript, with all its imports.
 *
 * Node 20 cannot run TypeScript, so the files are bundled into one module, which is kept in the project's cache. While no file changes, later starts
 * only import this module. Stacks name the user's own files and lines.
 *
 * Throws a RolecallError with the place of the error if the playbook cannot be loaded.
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
 * Loads a user's module, TypeScript or JavaScript, with all its imports.
 *
 * Throws a RolecallError with the place of the error if the module cannot be loaded.
 *
 * @param entry the absolute path of the module
 * @param what the module's name in messages; default: the playbook
 * @returns the exports, and a function that runs the module's functions under the same watch as the module itself
 */
export async function loadModule(
  entry: string,
  cwd: string,
  what = 'the playbook',
): Promise<{ exported: unknown; digest: string; run: <T>(work: () => Promise<T>) => Promise<T> }> {
  const cache = openCache(entry)
  const built = cache.read() ?? cache.write(await bundle(entry, cwd))
  const importing = { entry, built, cwd, what }
  try {
    const exported = await importModule(importing)
    return { exported, digest: built.digest, run: (work) => readToItsEnd(importing, work) }
  } catch (error) {
    throw await loadError(error, importing)
  }
}
