import { RolecallError } from '../../errors.ts'
import type { Problem } from '../../errors.ts'
import { askProgram } from './ask-program.ts'
import type { Inventory } from '../inventory.ts'
import type { Answers } from './json-structure.ts'
import { loadInventory } from '../load.ts'
import type { LoadOptions } from '../load.ts'
import { locate } from './sources.ts'
import type { Fetched } from './read-source.ts'
import type { InventorySource } from './sources.ts'
import { dataOf } from './typed-data.ts'
import type { InventoryData } from './typed.ts'

export interface OpenOptions extends Omit<LoadOptions, 'fetched'> {
  /** Imports a module of the user (JavaScript or TypeScript) and returns its default export. */
  readonly importModule: (file: string) => Promise<unknown>
  /** Keeps the answers of programs and code, for opening the same inventory again. */
  readonly once?: { fetched?: Fetched }
}

/**
 * Opens an inventory of any kind. Runs its programs and code first, all at the same time, then reads everything with
 * `loadInventory`.
 *
 * Throws a RolecallError with all problems.
 */
export async function openInventory(path: string | readonly string[], options: OpenOptions): Promise<Inventory> {
  const paths = typeof path === 'string' ? [path] : path
  const { importModule, once, ...rest } = options
  if (once?.fetched !== undefined) return loadInventory(paths, { ...rest, fetched: once.fetched })
  const quiet = Object.assign(() => undefined, { note: () => undefined })
  const { sources } = locate(paths, quiet)
  const programs = new Map<string, Answers>()
  const modules = new Map<string, InventoryData>()
  const ask = async (source: InventorySource): Promise<void> => {
    if (source.type === 'program') programs.set(source.path, await askProgram(source.path))
    if (source.type === 'module') modules.set(source.path, await dataOf(await importModule(source.path), source.path))
  }
  const asked = await Promise.allSettled(sources.map(ask))
  const problems = asked.flatMap((each): readonly Problem[] => {
    if (each.status === 'fulfilled') return []
    if (each.reason instanceof RolecallError) return each.reason.problems
    throw each.reason
  })
  if (problems.length > 0) throw new RolecallError(problems)
  const fetched = { programs, modules }
  if (once !== undefined) once.fetched = fetched
  return loadInventory(paths, { ...rest, fetched })
}
