import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { RolecallError } from '../errors.ts'
import type { Problem } from '../errors.ts'
import { assemble } from './graph/assemble.ts'
import { emptyDraft } from './graph/draft.ts'
import type { Draft, VarsDirectory } from './graph/draft.ts'
import { readExtras } from './variables/extra.ts'
import { foldProblems } from './graph/fold.ts'
import { reportCycles, completeGroups } from './graph/graph.ts'
import type { Inventory } from './inventory.ts'
import type { Layer } from './variables/layer.ts'
import { unreadConfig } from './connections/ansible-config.ts'
import { noteSharedNames } from './graph/names.ts'
import { foldNotes } from './graph/notes.ts'
import type { Remark } from './graph/notes.ts'
import type { Report } from './parse.ts'
import { readSource } from './sources/read-source.ts'
import type { Fetched } from './sources/read-source.ts'
import type { Reader } from './sources/reader.ts'
import { askedPasswordLayers, type AskedPasswords } from './variables/asked-passwords.ts'
import { LateExtraVars } from './variables/late-extra-vars.ts'
import { noSecrets, type SecretReader } from './sources/secret-reader.ts'
import { locate } from './sources/sources.ts'
import type { Located } from './sources/sources.ts'
import { readVarsFile, VarsFolder } from './sources/vars-files.ts'

export interface LoadOptions {
  /** The arguments of `-e` as given: `role.variable=value`, `name=value`, `@file.yml`. */
  readonly extra?: readonly string[]
  /** Directories whose `group_vars` and `host_vars` have precedence over those beside the inventory: the project, then the playbook's directory. */
  readonly beside?: readonly string[]
  /** Passwords that the user typed. Used where the inventory has none. */
  readonly passwords?: AskedPasswords
  /** Decrypts files and values. */
  readonly secrets?: SecretReader
  /** Answers of programs and code, which `openInventory` collects. */
  readonly fetched?: Fetched
}

/**
 * Reads an inventory: its hosts, groups and variables, each value with its place. A path is a directory (every file in it is read), a file
 * (YAML or INI), or host names with commas. Later paths have precedence over earlier ones. `group_vars/` and `host_vars/` beside them
 * are read too. `openInventory` asks programs and code beforehand.
 *
 * Throws one `RolecallError` with all problems of all files, so that they can be fixed in one go.
 *
 * @example
 * const inventory = loadInventory('inventory', { extra: ['dns-server.listen=10.10.50.50'] })
 * inventory.hosts[0]?.connection   // { kind: 'ssh', address: '10.10.50.50', port: 22, user: 'ops', ... }
 */
export function loadInventory(path: string | readonly string[], options: LoadOptions = {}): Inventory {
  const problems: Problem[] = []
  const remarks: Remark[] = []
  const report: Report = Object.assign((problem: Problem) => void problems.push(problem), {
    note: (remark: Remark) => void remarks.push(remark),
  })
  const paths = typeof path === 'string' ? [path] : path
  const located = locate(paths, report)
  const read: string[] = []
  const onRead = (file: string, text: string) => void read.push(`${file}\0`, text, '\0')
  const reader: Reader = { report, secrets: options.secrets, onRead }

  const draft = emptyDraft()
  readSources(located, options.fetched ?? NOTHING, draft, reader)
  const isWhole = problems.length === 0
  for (const directory of lastOfEach([...located.directories, ...(options.beside ?? [])])) {
    draft.directories.push(readVarsOf(directory, draft, reader))
  }
  const late = new LateExtraVars(reader)
  const extras = [...readExtras(options.extra ?? [], reader), late.layer]
  completeGroups(draft)
  reportCycles(draft, report)
  if (problems.length > 0) throw new RolecallError(foldProblems(inReadingOrder(problems)))

  noteSharedNames(draft, report)
  if (isWhole && draft.hosts.size === 0) report.note(noHosts(paths))
  const [project] = options.beside ?? []
  const directories = lastOfEach([...(options.beside ?? []).toReversed(), ...located.directories, process.cwd()])
  const assembled = assemble(
    draft,
    {
      path: paths.join(', '),
      defaults: askedPasswordLayers(options.passwords, report),
      extras,
      directories,
      secrets: options.secrets ?? noSecrets,
    },
    report,
  )
  if (project !== undefined)
    for (const remark of unreadConfig(project, process.env, { paths, isSet: (names) => haveAll(assembled, names) }))
      report.note(remark)
  const texts = [...read]
  const digest = () => digestOf(texts)
  return { ...assembled, accept: (extra) => late.accept(extra), notes: foldNotes(remarks), digest }
}

function digestOf(texts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(text)
  return hash.digest('hex')
}

const NOTHING: Fetched = { programs: new Map(), modules: new Map() }

function readSources({ sources }: Located, fetched: Fetched, draft: Draft, reader: Reader): void {
  for (const source of sources) readSource(source, fetched, draft, reader)
}

/** The group_vars and host_vars beside an inventory or a playbook, for groups and hosts that exist. */
function readVarsOf(directory: string, draft: Draft, reader: Reader): VarsDirectory {
  const read = (rank: 'group' | 'host', owners: readonly string[]): Map<string, readonly Layer[]> => {
    const folder = new VarsFolder(join(directory, `${rank}_vars`), reader.report)
    const found = new Map<string, readonly Layer[]>()
    for (const owner of owners) {
      const layers = folder
        .filesOf(owner)
        .map((file) => readVarsFile(file, { rank, owner }, reader))
        .filter((layer) => layer !== undefined)
      if (layers.length === 0) continue
      found.set(owner, layers)
      draft.layers.push(...layers)
    }
    folder.noteMisspelt(rank, new Set(owners))
    return found
  }
  const hosts = new Set([...draft.hosts.keys(), ...LOCAL])
  return { groups: read('group', [...draft.groups.keys()]), hosts: read('host', [...hosts]) }
}

/** Whether every host has one of these variables. */
function haveAll({ hosts }: Pick<Inventory, 'hosts'>, names: readonly string[]): boolean {
  return (
    hosts.length > 0 &&
    hosts.every(({ layers }) => layers.some(({ variables }) => names.some((name) => variables.has(name))))
  )
}

const LOCAL = ['localhost', '127.0.0.1', '::1']

/** A directory that is named twice has the precedence of its last mention. */
function lastOfEach(directories: readonly string[]): string[] {
  const whole = directories.map((directory) => join(directory, '.'))
  return whole.filter((directory, at) => whole.lastIndexOf(directory) === at)
}

function noHosts(paths: readonly string[]): Remark {
  return {
    message: 'no host is in this inventory: only localhost can be named',
    place: { file: paths.join(', ') },
    hint: 'write "hosts:" under "all:" and "node-01:" under that; in INI a line with node-01 alone',
  }
}

/** Sorts by file, in the order of reading, then by line. */
function inReadingOrder(problems: readonly Problem[]): Problem[] {
  const order = new Map<string | undefined, number>()
  for (const { place } of problems) if (!order.has(place?.file)) order.set(place?.file, order.size)
  return problems.toSorted(
    ({ place: a }, { place: b }) =>
      (order.get(a?.file) ?? 0) - (order.get(b?.file) ?? 0) ||
      (a?.line ?? 0) - (b?.line ?? 0) ||
      (a?.column ?? 0) - (b?.column ?? 0),
  )
}
