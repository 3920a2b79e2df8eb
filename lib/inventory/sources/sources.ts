import { accessSync, closeSync, constants, existsSync, openSync, readSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { RolecallError } from '../../errors.ts'
import { kindOf, missing, namesIn, unreadable } from './files.ts'
import type { Report } from '../parse.ts'

/** One source of hosts. */
export type InventorySource =
  /** `-i h1,h2,` */
  | { readonly type: 'list'; readonly text: string }
  /** A file. `within` is the directory that the user named, if the file was found in one. */
  | { readonly type: 'file'; readonly path: string; readonly within?: string }
  /** A program that answers `--list`. */
  | { readonly type: 'program'; readonly path: string }
  /** TypeScript or JavaScript that exports an inventory. */
  | { readonly type: 'module'; readonly path: string }

export interface Located {
  readonly sources: readonly InventorySource[]
  /** Directories with group_vars and host_vars, the lowest precedence first. */
  readonly directories: readonly string[]
}

/** Files that Ansible ignores in an inventory directory. */
const IGNORED =
  /^\.|^host_vars$|^group_vars$|^vars_plugins$|(?:\.pyc|\.pyo|\.swp|\.bak|~|\.rpm|\.md|\.txt|\.rst|\.orig|\.ini|\.cfg|\.retry)$/
const MODULE = /(?<!\.d|\.test)\.[cm]?[tj]s$/

/**
 * Finds the sources that the arguments of `-i` name: a file, a directory with every file in it, or hosts with commas.
 *
 * Throws a RolecallError for a path that does not exist.
 *
 * @example
 * locate(['inventory', 'extra.ini', 'h1,h2,'], report)
 */
export function locate(paths: readonly string[], report: Report): Located {
  const located = paths.map((path) => locateOne(path, report))
  return {
    sources: located.flatMap(({ sources }) => sources),
    directories: located.flatMap(({ directories }) => directories),
  }
}

function locateOne(path: string, report: Report): Located {
  const kind = kindOf(path)
  if (kind === 'missing') {
    if (path.includes(',')) return { sources: [{ type: 'list', text: path }], directories: [] }
    throw new RolecallError(missing(path))
  }
  if (kind === 'file') return { sources: [sourceAt(path)], directories: [dirname(path)] }
  if (kind !== 'directory') throw new RolecallError(unreadable(path, 'inventory', kind.error))
  const sources = sourcesIn(path, path, new Set(), report)
  if (sources.length === 0) throw new RolecallError(nothingIn(path))
  return { sources, directories: [path] }
}

function sourcesIn(directory: string, top: string, above: ReadonlySet<string>, report: Report): InventorySource[] {
  const names = namesIn(directory, IGNORED)
  if ('error' in names) throw new RolecallError(unreadable(directory, 'inventory', names.error))
  return names.flatMap((name): InventorySource[] => {
    const path = join(directory, name)
    const kind = kindOf(path)
    if (kind === 'directory') {
      // A link to a parent directory would never end.
      if (above.size > MOST_DEEP) return []
      return sourcesIn(path, top, new Set(above).add(path), report)
    }
    if (kind === 'file') return [sourceAt(path, top)]
    report(
      unreadable(
        path,
        'inventory',
        kind === 'missing' ? Object.assign(new Error('nothing there'), { code: 'ENOENT' }) : kind.error,
      ),
    )
    return []
  })
}

const MOST_DEEP = 16

function sourceAt(path: string, within?: string): InventorySource {
  if (isProgram(path)) return { type: 'program', path }
  if (MODULE.test(path)) return { type: 'module', path }
  return { type: 'file', path, ...(within === undefined ? {} : { within }) }
}

/** Whether a file is a program: executable, and with the beginning of a program. The mode alone is not enough, because copied files are often executable. */
function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
  } catch {
    return false
  }
  return /^(?:#!|\x7fELF)/.test(beginning(path))
}

function beginning(path: string): string {
  try {
    const file = openSync(path, 'r')
    try {
      const bytes = Buffer.alloc(4)
      return bytes.toString('latin1', 0, readSync(file, bytes, 0, 4, 0))
    } finally {
      closeSync(file)
    }
  } catch {
    // Reading it later reports the reason.
    return ''
  }
}

function nothingIn(path: string) {
  const names = namesIn(path)
  const all = 'error' in names ? [] : names
  const ini = all.find((name) => extname(name) === '.ini')
  return {
    code: 'inventory',
    place: { file: path },
    message: `there is no inventory in the directory ${path}`,
    expected: 'a hosts.yml, or another file with hosts',
    got: all.length === 0 ? 'an empty directory' : all.slice(0, 8).join(', '),
    hint:
      ini !== undefined
        ? `as by Ansible, .ini files in a directory are left out: name the file itself, -i ${join(path, ini)}`
        : existsSync(join(path, 'hosts.yml'))
          ? 'make it a file'
          : 'write hosts.yml there, or name another inventory with -i PATH',
  } as const
}
