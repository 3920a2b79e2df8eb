import { isUtf8 } from 'node:buffer'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Problem } from '../../errors.ts'
import { inventoriesOfConfig } from '../connections/ansible-config.ts'
import { isAge } from '../../vault/age.ts'
import { nearest } from '../../text/nearest.ts'

type Code = 'inventory' | 'vars'

/** The default inventory. */
const DEFAULT = 'inventory'

/** The text of a file, or the reason why it cannot be read. */
export function readText(file: string, code: Code): { readonly text: string } | { readonly problem: Problem } {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    return { problem: unreadable(file, code, error) }
  }
  // A binary age file is kept with one character per byte.
  if (isAge(bytes)) return { text: bytes.toString('latin1') }
  // Comments of an old INI file may be in another encoding. Ansible accepts that too.
  if (!isUtf8(bytes) && !(code === 'inventory' && hasOddCommentsOnly(bytes)))
    return { problem: notUtf8(file, code, bytes) }
  const text = bytes.toString('utf8')
  return { text: text.startsWith('\uFEFF') ? text.slice(1) : text }
}

function hasOddCommentsOnly(bytes: Buffer): boolean {
  const lines = bytes.toString('latin1').split('\n')
  return lines.every((line) => /^\s*[#;]/.test(line) || isUtf8(Buffer.from(line, 'latin1')))
}

export type PathKind = 'file' | 'directory' | 'missing'

/** The type of file at a path. Follows symbolic links. */
export function kindOf(path: string): PathKind | { readonly error: unknown } {
  try {
    const found = statSync(path)
    return found.isDirectory() ? 'directory' : 'file'
  } catch (error) {
    return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR' ? 'missing' : { error }
  }
}

/** The names in a directory in alphabetical order, without hidden files and files left by editors and systems. */
export function namesIn(directory: string, ignored = /^\.|~$/): readonly string[] | { readonly error: unknown } {
  try {
    return readdirSync(directory)
      .filter((name) => !ignored.test(name))
      .sort()
  } catch (error) {
    return { error }
  }
}

/** The problem of a path that does not exist, with similar names in its directory. */
export function missing(path: string): Problem {
  const directory = dirname(path)
  const names = namesIn(directory)
  const near = 'error' in names ? [] : nearest(basename(path), names)
  const there = 'error' in names ? `the directory ${directory} is not there either` : undefined
  const meant = near.map((name) => (directory === '.' ? name : `${directory}/${name}`)).join(' or ')
  return {
    code: 'inventory',
    message: `there is no inventory at ${path}`,
    place: { file: path },
    expected: 'a directory with inventories in it, a file, or hosts with a comma after each',
    got: 'nothing there',
    hint:
      (path === DEFAULT ? hintOfAnsible() : undefined) ??
      (meant === '' ? undefined : `did you mean ${meant}?`) ??
      there ??
      (path === DEFAULT
        ? 'rolecall init DIRECTORY creates a project; in a project write inventory/hosts.yml, or name another inventory: -i PATH'
        : `if ${path} is a host, write -i ${path},`),
  }
}

/** Where projects of Ansible keep their inventories. */
const USUAL_PLACES = [
  ...['hosts', 'inventory'].flatMap((name) => [name, `${name}.yml`, `${name}.yaml`, `${name}.ini`]),
  ...['production', 'staging'],
]
const USUAL_PARENTS = ['inventories', 'environments']
const NO_INVENTORY = /^\.|~$|^(?:group|host)_vars$|\.(?:md|txt|rst|cfg|retry)$/

/** The inventories of a project of Ansible's, where there is none under the usual name. */
function hintOfAnsible(): string | undefined {
  const named = inventoriesOfConfig('.').filter((path) => path.replace(/^\.\//, '') !== DEFAULT)
  if (named.length > 0) return `ansible.cfg names another one: ${named.map((path) => `-i ${path}`).join(' ')}`
  const found = [
    ...USUAL_PLACES.filter((name) => existsSync(name)),
    ...USUAL_PARENTS.flatMap((parent) => {
      const names = namesIn(parent, NO_INVENTORY)
      return 'error' in names ? [] : names.map((name) => `${parent}/${name}`)
    }),
  ]
  return found.length > 0
    ? `name the inventory: ${found
        .slice(0, MOST_FOUND)
        .map((path) => `-i ${path}`)
        .join(' or ')}`
    : undefined
}

const MOST_FOUND = 5

/** The problem of a file or directory that exists but cannot be read. */
export function unreadable(path: string, code: Code, error: unknown): Problem {
  const about = { code, place: { file: path } }
  switch (codeOf(error)) {
    case 'EACCES':
    case 'EPERM':
      return {
        ...about,
        message: `you may not read ${path}`,
        hint: `allow it: chmod u+r ${path}, or ask its owner`,
      }
    case 'ELOOP':
      return {
        ...about,
        message: `${path} is a symbolic link that leads back to itself`,
        hint: `look at it with ls -l ${path}, and make it point at a file`,
      }
    case 'EISDIR':
      return { ...about, message: `${path} is a directory`, expected: 'a file' }
    case 'ENOENT':
      return {
        ...about,
        message: `${path} is a symbolic link to a file that is not there`,
        hint: `look at it with ls -l ${path}`,
      }
    default:
      return { ...about, message: `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}` }
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function notUtf8(file: string, code: Code, bytes: Buffer): Problem {
  const message = 'the file is not valid UTF-8'
  const wide = bytes.subarray(0, 2).toString('hex')
  if (wide === 'fffe' || wide === 'feff') {
    return { code, message, place: { file, line: 1, column: 1 }, got: 'UTF-16', hint: 'save the file as UTF-8' }
  }
  const lines = bytes.toString('latin1').split('\n')
  const line = lines.findIndex((text) => !isUtf8(Buffer.from(text, 'latin1')))
  const column = Buffer.from(lines[line] ?? '', 'latin1')
    .toString('utf8')
    .indexOf('\uFFFD')
  return {
    code,
    message,
    place: { file, line: line + 1, column: column + 1 },
    hint: `save the file as UTF-8, or convert it: iconv -f latin1 -t utf8 ${file}`,
  }
}
