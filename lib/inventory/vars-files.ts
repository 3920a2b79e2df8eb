import { extname, join } from 'node:path'
import type { Problem } from '../errors.ts'
import { kindOf, namesIn, readText, unreadable } from './files.ts'
import type { Layer } from './layer.ts'
import { readLayer } from './layer.ts'
import { parseYaml } from './parse.ts'
import type { Report } from './parse.ts'
import { isEmpty } from './tree.ts'

const YAML = new Set(['.yml', '.yaml'])
/** Ansible reads these as well, so a person may count on it. Other names (README.md, web.yml.bak) mean something else. */
const ALSO_ANSIBLE = new Set(['', '.json'])

/** The files that hold the variables of one group or host. */
export interface VarsFiles {
  readonly owner: string
  /** What is in group_vars or host_vars: a file, or a directory. */
  readonly path: string
  readonly files: readonly string[]
}

/** Finds the files of group_vars or host_vars: `NAME.yml`, `NAME.yaml`, or every such file in a directory `NAME`. */
export function findVarsFiles(directory: string, report: Report): readonly VarsFiles[] {
  const kind = kindOf(directory)
  if (kind === 'missing') return []
  if (kind === 'file') {
    report({ ...problem(directory, `${directory} is a file`), expected: 'a directory of YAML files' })
    return []
  }
  const found = new Map<string, VarsFiles>()
  for (const name of names(directory, report)) {
    const one = varsFilesAt(join(directory, name), name, report)
    if (one === undefined) continue
    const before = found.get(one.owner)
    if (before === undefined) found.set(one.owner, one)
    else {
      report({
        ...problem(one.path, `the variables of ${one.owner} stand in two places: ${before.path} and ${one.path}`),
        expected: 'one file, or one directory',
        hint: `put both files into the directory ${join(directory, one.owner)}`,
      })
    }
  }
  return [...found.values()]
}

function varsFilesAt(path: string, name: string, report: Report): VarsFiles | undefined {
  const kind = kindOf(path)
  if (kind === 'directory') {
    const files = names(path, report).map((inner) => join(path, inner))
    return { owner: name, path, files: files.filter((file) => isVarsFile(file, report)) }
  }
  if (!isVarsFile(path, report)) return undefined
  return { owner: name.slice(0, -extname(name).length), path, files: [path] }
}

function isVarsFile(path: string, report: Report): boolean {
  const kind = kindOf(path)
  if (kind === 'directory') {
    report({
      ...problem(path, `${path} is a directory inside a directory of variables, which is not read`),
      expected: 'YAML files',
      hint: 'move its files one directory up',
    })
    return false
  }
  const extension = extname(path)
  if (YAML.has(extension)) return true
  if (ALSO_ANSIBLE.has(extension)) {
    report({
      ...problem(path, `${path} is not read: its name does not end with .yml`),
      hint: `rename it to ${path.slice(0, extension === '' ? undefined : -extension.length)}.yml`,
    })
  }
  return false
}

function names(directory: string, report: Report): readonly string[] {
  const found = namesIn(directory)
  if (!('error' in found)) return found
  report(unreadable(directory, 'vars', found.error))
  return []
}

/** Reads one file of variables. A file with comments only is fine; one with nothing at all is likely an accident. */
export function readVarsFile(file: string, whose: Pick<Layer, 'rank' | 'owner'>, report: Report): Layer | undefined {
  const read = readText(file, 'vars')
  if ('problem' in read) {
    report(read.problem)
    return undefined
  }
  const root = parseYaml({ file, text: read.text, code: 'vars' }, report)
  if (root === undefined) return undefined
  if (isEmpty(root) && read.text.trim() === '') {
    report({
      ...problem(file, 'the file of variables is empty'),
      place: { file, line: 1, column: 1 },
      expected: 'role names with their variables under them',
      got: 'nothing',
      hint: 'write the variables, or remove the file; a comment is enough to keep it',
    })
  }
  return readLayer(root, whose, report)
}

function problem(file: string, message: string): Problem {
  return { code: 'vars', message, place: { file } }
}
