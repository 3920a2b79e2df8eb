import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import type { Place, Problem } from '../../lib/errors.ts'
import { doubtsIn } from '../../lib/inventory/variables/doubts.ts'
import type { Host, Inventory } from '../../lib/inventory/inventory.ts'
import { loadInventory } from '../../lib/inventory/load.ts'
import { problemsOf } from '../support/problems.ts'

const made: string[] = []
process.on('exit', () => made.forEach((directory) => rmSync(directory, { recursive: true, force: true })))

/** A directory with these files in it; it is gone when the test ends. */
export function directoryOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'rolecall-inventory-'))
  made.push(directory)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), content)
  }
  return directory
}

export function inventoryOf(files: Readonly<Record<string, string>>, extra: readonly string[] = []): Inventory {
  return loadInventory(directoryOf(files), { extra })
}

export function hostIn(inventory: Inventory, name: string): Host {
  const host = inventory.hosts.find((one) => one.name === name)
  if (host === undefined) throw new Error(`no host ${name}`)
  return host
}

/** What no role could read of the variables in these files, each as `file:line:column code: message`. */
export function doubtful(files: Readonly<Record<string, string>>, extra: readonly string[] = []): string[] {
  const directory = directoryOf(files)
  const levels = loadInventory(directory, { extra }).layers.flatMap((layer) => [...layer.levels.values()])
  const problems = levels.flatMap(({ name, node }) => (node === undefined ? [] : doubtsIn(node, name)))
  return problems.map((problem) => inOneLine(problem, directory))
}

/** What loading these files notes, each as `file:line:column message`. */
export function notesOf(files: Readonly<Record<string, string>>, extra: readonly string[] = []): string[] {
  const directory = directoryOf(files)
  const { notes } = loadInventory(directory, { extra })
  return notes.map(({ message, place }) => `${placeIn(place, directory)} ${message.replaceAll(`${directory}/`, '')}`)
}

/** What loading these files refuses with, each as `file:line:column code: message`. */
export function complaints(
  files: Readonly<Record<string, string | Uint8Array>>,
  extra: readonly string[] = [],
): string[] {
  const directory = directoryOf(files)
  return problemsOf(() => loadInventory(directory, { extra })).map((problem) => inOneLine(problem, directory))
}

export function inOneLine({ code, message, place }: Problem, directory: string): string {
  return `${placeIn(place, directory)} ${code}: ${message.replaceAll(`${directory}/`, '')}`
}

export function placeIn(place: Place | undefined, directory: string): string {
  if (place === undefined) return '-'
  const file = place.file.startsWith('/') ? relative(directory, place.file) : place.file
  return [file, place.line, place.column].filter((part) => part !== undefined).join(':')
}
