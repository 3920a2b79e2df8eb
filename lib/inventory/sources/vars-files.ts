import { existsSync } from 'node:fs'
import { extname, join } from 'node:path'
import { RolecallError } from '../../errors.ts'
import { kindOf, namesIn, readText, unreadable } from './files.ts'
import type { Layer } from '../variables/layer.ts'
import { readLayer } from '../variables/layer.ts'
import { parseYaml } from '../parse.ts'
import type { Report } from '../parse.ts'
import { nearest } from '../../text/nearest.ts'
import { noSecrets } from './secret-reader.ts'
import type { Reader } from './reader.ts'

/** As in Ansible, a file has no extension or one of these. Only the first that exists is read. */
const EXTENSIONS = ['', '.yml', '.yaml', '.json']

/**
 * The files with the variables of one group or host in a `group_vars` or `host_vars`: `NAME`, `NAME.yml`, `NAME.yaml` or `NAME.json`,
 * or every such file in a directory `NAME` and in the directories in it.
 */
export class VarsFolder {
  readonly #path: string
  readonly #names: ReadonlySet<string>
  readonly #report: Report

  constructor(path: string, report: Report) {
    this.#path = path
    this.#report = report
    this.#names = new Set(this.#listed())
  }

  filesOf(owner: string): readonly string[] {
    if (this.#names.size === 0) return []
    const found = EXTENSIONS.map((extension) => `${owner}${extension}`).filter((name) => this.#names.has(name))
    const [first, second] = found
    if (first === undefined) return []
    const path = join(this.#path, first)
    if (second !== undefined) {
      this.#report.note({
        message: `${join(this.#path, second)} is not read, as in Ansible: ${path} comes first`,
        place: { file: join(this.#path, second) },
        hint: `put both into the directory ${join(this.#path, owner)}`,
      })
    }
    return kindOf(path) === 'directory' ? this.#within(path, 0) : [path]
  }

  /**
   * Notes files of no group or host whose name is close to that of one without a file: `webb.yml` beside the group web. Others may belong to another
   * inventory, as may web-03.yml where this one has web-01 and web-02.
   */
  noteMisspelt(rank: 'group' | 'host', owners: ReadonlySet<string>): void {
    const names = [...this.#names].filter((name) => EXTENSIONS.includes(extname(name)))
    const strangers = names.filter((name) => !owners.has(name) && !owners.has(withoutExtension(name)))
    if (strangers.length === 0 || strangers.length > MOST_STRANGERS) return
    const bare = [...owners].filter((owner) => !EXTENSIONS.some((extension) => this.#names.has(`${owner}${extension}`)))
    for (const file of strangers) {
      const name = withoutExtension(file)
      const near = nearest(name, bare).filter((owner) => withoutDigits(owner) !== withoutDigits(name))
      if (near.length === 0) continue
      this.#report.note({
        message: `there is no ${rank} ${name}, so nothing of this is read`,
        place: { file: join(this.#path, file) },
        hint: `did you mean ${near.join(' or ')}?`,
      })
    }
  }

  #within(directory: string, depth: number): string[] {
    return this.#namesIn(directory).flatMap((name) => {
      const path = join(directory, name)
      const extension = extname(name)
      if (kindOf(path) === 'directory')
        return extension === '' && depth < MOST_DEEP ? this.#within(path, depth + 1) : []
      return EXTENSIONS.includes(extension) ? [path] : []
    })
  }

  #listed(): readonly string[] {
    const kind = kindOf(this.#path)
    if (kind === 'missing') return []
    if (kind === 'directory') return this.#namesIn(this.#path)
    if (kind === 'file') {
      this.#report.note({
        message: `${this.#path} is a file, so it is not read: its place is a directory's`,
        place: { file: this.#path },
        hint: 'make it a directory with a file for each group or host',
      })
    } else this.#report(unreadable(this.#path, 'vars', kind.error))
    return []
  }

  #namesIn(directory: string): readonly string[] {
    const found = namesIn(directory)
    if (!('error' in found)) return found
    this.#report(unreadable(directory, 'vars', found.error))
    return []
  }
}

/** A folder that is shared by many inventories has hundreds of files for others. */
const MOST_STRANGERS = 50

function withoutExtension(name: string): string {
  return name.slice(0, name.length - extname(name).length)
}

function withoutDigits(name: string): string {
  return name.replaceAll(/\d+/g, '')
}

/** Links may form circles. */
const MOST_DEEP = 16

/** Whether a directory has group_vars or host_vars. */
export function hasVars(directory: string): boolean {
  return existsSync(join(directory, 'group_vars')) || existsSync(join(directory, 'host_vars'))
}

/** Reads one file of variables. */
export function readVarsFile(
  file: string,
  whose: Pick<Layer, 'rank' | 'owner'>,
  { report, secrets, onRead }: Reader,
): Layer | undefined {
  const read = readText(file, 'vars')
  if ('problem' in read) {
    report(read.problem)
    return undefined
  }
  onRead(file, read.text)
  try {
    const { text, isSecret } = (secrets ?? noSecrets).openText(read.text, file)
    const root = parseYaml({ file, text, code: 'vars', isSecret, secrets }, report)
    return root === undefined ? undefined : readLayer(root, whose, report)
  } catch (error) {
    if (!(error instanceof RolecallError)) throw error
    error.problems.forEach((problem) => report(problem))
    return undefined
  }
}
