import { readFileSync } from 'node:fs'
import { dirname, extname, resolve } from 'node:path'
import { RolecallError, type Place } from '../../errors.ts'
import { firstPlace } from '../../place.ts'
import { errorMessage, nameOf, thrownWords } from '../../text/error-message.ts'
import { isError, stackOf } from '../../thrown.ts'
import { didYouMean } from '../../text/nearest.ts'
import type { Built } from './cache.ts'
import { friendly } from './find.ts'
import type { Importing } from './import-module.ts'
import { selfIndexPath } from './self-path.ts'

/** Messages of esbuild and V8 for errors in CommonJS modules. */
const COMMON_JS = /^Dynamic require of |^(?:require|module|exports|__dirname|__filename) is not defined/

/** A user's module threw while it was first run: the error, with its place in the user's own files. */
export async function loadError(error: unknown, { entry, built, cwd, what }: Importing): Promise<RolecallError> {
  if (error instanceof RolecallError) return error
  const message = errorMessage(error)
  const unexported = /module '([^']+)' does not provide an export named '([^']+)'/.exec(message)
  if (unexported?.[1] !== undefined && unexported[2] !== undefined) {
    return noSuchExport({ from: unexported[1], name: unexported[2] }, built, cwd)
  }
  // Only the user's own files, not a library's.
  const place = firstPlace(stackOf(error), (file) => built.inputs.includes(file))
  const placed = place === undefined ? {} : { place: { ...place, file: friendly(place.file, cwd) } }
  if (COMMON_JS.test(message))
    return new RolecallError({
      code: 'playbook',
      message: `${what} is written as CommonJS`,
      ...placed,
      expected: 'import and export, as in every ES module',
      got: message.split(' ', 1)[0] === 'Dynamic' ? 'require' : (message.split(' ', 1)[0] ?? ''),
      hint: message.startsWith('__')
        ? 'write import.meta.dirname or import.meta.filename'
        : "write import { file, role } from 'rolecall' in place of require, and export default in place of module.exports",
    })
  // The bundle names a default export after its file.
  const [, called] = /^(\w+?)_default\d* is not a function$/.exec(message) ?? []
  if (called !== undefined)
    return new RolecallError({
      code: 'playbook',
      message: `the default export of ${called} is called, and is not a function`,
      ...placed,
      hint: 'a role is named, not called: roles: [web]; with variables it is using(web, { ... })',
    })
  const { said, advice } = thrownWords(error)
  const circle = place === undefined ? [] : circleThrough(place.file, built.inputs)
  return new RolecallError({
    code: 'playbook',
    message: `${what} cannot be loaded: ${isError(error) && message !== '' ? `${nameOf(error)}: ${message}` : `it ${said}`}`,
    ...(place === undefined ? { place: { file: friendly(entry, cwd) } } : placed),
    hint:
      advice ??
      (circle.length > 0
        ? `these files import each other in a circle, so one of them is read before what it needs: ${circle.map((file) => friendly(file, cwd)).join(' -> ')}`
        : 'this was thrown while the file was read, outside of apply and verify'),
  })
}

/** The files from a file back to itself, where its imports lead there. Imports of types lead nowhere. */
function circleThrough(file: string, files: readonly string[]): readonly string[] {
  const seen = new Set<string>()
  const wayFrom = (at: string): readonly string[] | undefined => {
    for (const next of importedBy(at, files)) {
      if (next === file) return [at, next]
      if (seen.has(next)) continue
      seen.add(next)
      const way = wayFrom(next)
      if (way !== undefined) return [at, ...way]
    }
    return undefined
  }
  return wayFrom(file) ?? []
}

function importedBy(file: string, files: readonly string[]): string[] {
  const named = textOf(file).matchAll(/^\s*(?:import|export)\s(?!type\b)[^'"]*?['"](\.[^'"]+)['"]/gm)
  return Array.from(named).flatMap(([, wanted = '']) => {
    const path = resolve(dirname(file), wanted)
    return files.find((each) => each === path || withoutEnding(each) === withoutEnding(path)) ?? []
  })
}

function withoutEnding(path: string): string {
  return path.slice(0, path.length - extname(path).length)
}

async function noSuchExport(
  missing: { from: string; name: string },
  built: Built,
  cwd: string,
): Promise<RolecallError> {
  const isOurs = missing.from === selfIndexPath()
  const from = isOurs ? 'rolecall' : missing.from
  const words = Object.keys((await import(missing.from)) as object)
  const place = whereImported(missing.name, built.inputs, cwd)
  return new RolecallError({
    code: 'playbook',
    message: `"${from}" exports no "${missing.name}"`,
    ...(place === undefined ? {} : { place }),
    hint: didYouMean(missing.name, words) ?? `it exports ${words.sort().join(', ')}`,
  })
}

function whereImported(name: string, files: readonly string[], cwd: string): Place | undefined {
  for (const file of files) {
    const text = textOf(file)
    for (const list of text.matchAll(/\bimport\b[^'"]*?from/g)) {
      const at = list[0].search(new RegExp(`\\b${name}\\b`))
      if (at === -1) continue
      const before = text.slice(0, list.index + at).split('\n')
      return { file: friendly(file, cwd), line: before.length, column: (before.at(-1) ?? '').length + 1 }
    }
  }
  return undefined
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
