import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { thisAccount } from '../machine/account.ts'
import { matchesGlob } from '../text/glob.ts'

/** A file of ssh's configuration, in the order in which ssh(1) reads them. */
export interface ConfigFile {
  readonly path: string
  readonly text: string
  /** No other file includes it. */
  readonly isRoot: boolean
}

/** What ssh(1) would read, and whether its answer depends on these files alone. */
export interface ConfigFiles {
  readonly files: readonly ConfigFile[]
  /** It runs programs, asks name servers, or reads what is not foreseen: each run must ask ssh itself. */
  readonly isDynamic: boolean
  /** A file that others can change. ssh refuses it, and so does what stands in for ssh. */
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
  const isDynamic = roots.map((path) => include(path, path === SYSTEM, files, 0)).includes(true)
  const weak =
    only === undefined ? files.find(({ path }) => !path.startsWith('/etc/') && isWeak(path))?.path : undefined
  return { files, isDynamic: isDynamic || weak !== undefined, weak }
}

/** Adds a file and what it includes. Gives whether one of them is dynamic. */
function include(path: string, isSystem: boolean, files: ConfigFile[], depth: number): boolean {
  const text = textOf(path)
  if (text === undefined) return false
  files.push({ path, text, isRoot: depth === 0 })
  if (depth >= DEEPEST) return true
  return text
    .split('\n')
    .map((line) => {
      const [, keyword = '', rest = ''] = /^\s*(\w+)\s*=?\s*(.*?)\s*$/.exec(line) ?? []
      switch (keyword.toLowerCase()) {
        case 'include': {
          const paths = wordsIn(rest).flatMap((word) => expand(word, isSystem))
          return /[$%`[]/.test(rest) || paths.map((each) => include(each, isSystem, files, depth + 1)).includes(true)
        }
        case 'match':
          return /(^|[\s!])(exec|localnetwork)\b/i.test(rest)
        case 'canonicalizehostname':
          return !/^(no|false|none)$/i.test(rest)
        default:
          return false
      }
    })
    .includes(true)
}

/** Source: readconf.c of OpenSSH, SSHCONF_CHECKPERM. */
function isWeak(path: string): boolean {
  const { uid, mode } = statSync(path)
  return (uid !== 0 && uid !== thisAccount().uid) || (mode & 0o022) !== 0
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

export function wordsIn(text: string): readonly string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  )
}

/** The files that an Include names: relative ones are in ~/.ssh, or in /etc/ssh where the system's own file says so. */
function expand(word: string, isSystem: boolean): readonly string[] {
  const home = thisAccount().home
  const path = word.startsWith('~/')
    ? join(home, word.slice(2))
    : word.startsWith('/')
      ? word
      : join(isSystem ? dirname(SYSTEM) : join(home, '.ssh'), word)
  return matching(path)
}

/** Paths that match a pattern as glob(3) has it, in the order of their names. */
function matching(pattern: string): readonly string[] {
  const [, ...names] = pattern.split('/')
  return names.reduce<readonly string[]>(
    (found, name) =>
      /[*?]/.test(name)
        ? found.flatMap((directory) =>
            namesIn(directory === '' ? '/' : directory)
              .filter((each) => (name.startsWith('.') || !each.startsWith('.')) && matchesGlob(name, each))
              .map((each) => `${directory}/${each}`),
          )
        : found.map((directory) => `${directory}/${name}`),
    [''],
  )
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).toSorted()
  } catch {
    return []
  }
}

/** The files that an Include of one of the files names. */
export function includedFiles(rest: string, path: string, files: readonly ConfigFile[]): readonly ConfigFile[] {
  const paths = wordsIn(rest).flatMap((word) => expand(word, path.startsWith('/etc/')))
  return paths.flatMap((each) => files.find((file) => file.path === each) ?? [])
}
