import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { homeOf, thisAccount } from '../machine/account.ts'
import { keywordOf } from './syntax/line.ts'
import { splitLine } from './syntax/words.ts'

/** A file of ssh's configuration, in the order in which ssh(1) reads them. */
export interface ConfigFile {
  readonly path: string
  readonly text: string
  /** No other file includes it. */
  readonly isRoot: boolean
  /** /etc/ssh/ssh_config, or what it includes. */
  readonly isSystem: boolean
  /** Why ssh refuses it before it reads a line, in ssh's words. */
  readonly trouble: string | undefined
}

/** What ssh(1) would read, and whether its answer depends on these files alone. */
export interface ConfigFiles {
  readonly files: readonly ConfigFile[]
  /** It runs programs, asks name servers, or reads what Rolecall cannot read: each run must ask ssh itself. */
  readonly isDynamic: boolean
  /** A file that others can change. ssh refuses it, and so does Rolecall. */
  readonly weak: string | undefined
}

const DEEPEST = 16
const SYSTEM = '/etc/ssh/ssh_config'

/**
 * Reads the user's and the system's configuration of ssh with all that they include, or the one file of `-F` alone.
 *
 * Source: ssh_config(5), ssh(1) on -F.
 */
export function readConfigFiles(only?: string): ConfigFiles {
  if (only === 'none') return { files: [], isDynamic: false, weak: undefined }
  const files: ConfigFile[] = []
  const user = join(thisAccount().home, '.ssh/config')
  const roots = only === undefined ? [user, SYSTEM] : [only]
  const isDynamic = roots
    .map((path) => {
      const from: From = { depth: 0, isSystem: path === SYSTEM && only === undefined }
      return include(
        path,
        { ...from, mustOpen: only !== undefined, isChecked: path === user && only === undefined },
        files,
      )
    })
    .includes(true)
  const weak = files.find(({ path, trouble }) => trouble === tooOpen(path))?.path
  return { files, isDynamic: isDynamic || weak !== undefined, weak }
}

/** The position of a file among the others. */
interface From {
  readonly depth: number
  readonly isSystem: boolean
}

/** What ssh asks of a file: the one of -F and those that are included have to be readable, and all but the one of -F and the system's closed to others. */
interface Demands extends From {
  readonly mustOpen: boolean
  readonly isChecked: boolean
}

/** Adds a file and what it includes. Gives whether one of them is dynamic. */
function include(path: string, { depth, isSystem, mustOpen, isChecked }: Demands, files: ConfigFile[]): boolean {
  const { text, error } = textOf(path)
  const isMissing = error === 'ENOENT' || error === 'ENOTDIR'
  if (text === undefined && (!mustOpen || (depth > 0 && isMissing))) return false
  const unreadable = text === undefined ? `Can't open user config file ${path}: ${error ?? 'unknown'}` : undefined
  const trouble = unreadable ?? (isChecked && isWeak(path) ? tooOpen(path) : undefined)
  files.push({ path, text: text ?? '', isRoot: depth === 0, isSystem, trouble })
  if (depth >= DEEPEST) return true
  return (text ?? '')
    .split('\n')
    .map((line) => {
      const [keyword, rest] = keywordOf(line)
      const words = splitLine(rest) ?? []
      switch (keyword ?? '') {
        case 'include': {
          const paths = words.flatMap((word) => expand(word, isSystem))
          const next: Demands = { depth: depth + 1, isSystem, mustOpen: true, isChecked: true }
          return /[$%`]/.test(rest) || paths.map((each) => include(each, next, files)).includes(true)
        }
        case 'match':
          return /(^|[\s!"])(exec|localnetwork)\b/i.test(rest)
        case 'canonicalizepermittedcnames':
          return !/^none$/i.test(words[0] ?? '')
        case 'canonicalizehostname':
          return !/^(no|false)$/i.test(words[0] ?? '')
        default:
          return false
      }
    })
    .includes(true)
}

/** In ssh's words. */
function tooOpen(path: string): string {
  return `Bad owner or permissions on ${path}`
}

/** Source: readconf.c of OpenSSH, SSHCONF_CHECKPERM. */
function isWeak(path: string): boolean {
  const { uid, mode } = statSync(path)
  return (uid !== 0 && uid !== thisAccount().uid) || (mode & 0o022) !== 0
}

/** A directory is empty to ssh. */
function textOf(path: string): { readonly text?: string; readonly error?: string } {
  try {
    return { text: readFileSync(path, 'utf8') }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    return code === 'EISDIR' ? { text: '' } : { error: code }
  }
}

/** The files that an Include names: relative ones are in ~/.ssh, or in /etc/ssh where the system's own file says so. */
function expand(word: string, isSystem: boolean): readonly string[] {
  const [, name, rest = ''] = /^~([^/]*)(.*)$/s.exec(word) ?? []
  const home = name === undefined || name === '' ? thisAccount().home : homeOf(name)
  if (name !== undefined) return home === undefined ? [] : matching(join(home, rest))
  const path = word.startsWith('/') ? word : join(isSystem ? dirname(SYSTEM) : join(home ?? '/', '.ssh'), word)
  return matching(path)
}

/** Paths that match a pattern as glob(3) has it, in the order of their names. */
function matching(pattern: string): readonly string[] {
  const [, ...names] = pattern.split('/')
  return names.reduce<readonly string[]>(
    (found, name) => {
      if (!/[*?[\\]/.test(name)) return found.map((directory) => `${directory}/${name}`)
      const form = formOf(name)
      return found.flatMap((directory) =>
        namesIn(directory === '' ? '/' : directory)
          .filter((each) => (name.startsWith('.') || !each.startsWith('.')) && form.test(each))
          .map((each) => `${directory}/${each}`),
      )
    },
    [''],
  )
}

/** A pattern of glob(3): `*`, `?`, sets in brackets, and a backslash before a literal character. */
function formOf(pattern: string): RegExp {
  const pieces = pattern.match(/\\.|\[[!^]?\]?[^\]]*\]|./gs) ?? []
  const source = pieces.map((piece) => {
    if (piece === '*') return '.*'
    if (piece === '?') return '.'
    const set = /^\[([!^]?)(.+)\]$/s.exec(piece)
    if (set === null) return (piece.length > 1 ? piece.slice(1) : piece).replaceAll(/[^\w]/g, '\\$&')
    return `[${set[1] === '' ? '' : '^'}${(set[2] ?? '').replaceAll(/[\\\]^[]/g, '\\$&')}]`
  })
  return new RegExp(`^${source.join('')}$`, 's')
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).toSorted()
  } catch {
    return []
  }
}

/** The files that the words of an Include of one of the files name. */
export function includedFiles(
  words: readonly string[],
  file: ConfigFile,
  files: readonly ConfigFile[],
): readonly ConfigFile[] {
  const paths = words.flatMap((word) => expand(word, file.isSystem))
  return paths.flatMap((each) => files.find(({ path, isRoot }) => path === each && !isRoot) ?? [])
}
