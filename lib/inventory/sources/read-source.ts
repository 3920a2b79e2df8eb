import { basename, extname } from 'node:path'
import { dirname } from 'node:path'
import { RolecallError } from '../../errors.ts'
import { MASK, Secret } from '../../secret.ts'
import type { Problem } from '../../errors.ts'
import type { Draft } from '../graph/draft.ts'
import { hostsWith } from '../variables/draft-vars.ts'
import { readText } from './files.ts'
import { hostNameProblem } from '../connections/host-name.ts'
import { readHostPattern } from '../patterns/host-pattern.ts'
import { isIPv6Address } from '../patterns/ipv6.ts'
import { readIni } from '../syntax/ini.ts'
import { readAnswers } from './json-structure.ts'
import type { Answers } from './json-structure.ts'
import type { Remark } from '../graph/notes.ts'
import { lineCounter, parseYaml } from '../parse.ts'
import type { Reader } from './reader.ts'
import { noSecrets } from './secret-reader.ts'
import type { InventorySource } from './sources.ts'
import { readStructure } from './structure.ts'
import { isEmpty } from '../graph/tree.ts'
import type { Source } from '../graph/tree.ts'
import { readTyped } from './typed.ts'
import type { InventoryData } from './typed.ts'
import { sourceAt } from '../syntax/value-node.ts'

/** The answers of programs and code, collected before files are read. */
export interface Fetched {
  readonly programs: ReadonlyMap<string, Answers>
  readonly modules: ReadonlyMap<string, InventoryData>
}

/** Reads one source of hosts into a draft. */
export function readSource(source: InventorySource, fetched: Fetched, draft: Draft, reader: Reader): void {
  switch (source.type) {
    case 'list':
      return readList(source.text, draft, reader)
    case 'program': {
      const answers = fetched.programs.get(source.path)
      if (answers === undefined) return reader.report(notAsked(source.path))
      reader.onRead(source.path, JSON.stringify([answers.list, [...(answers.hosts ?? [])]]))
      const openValue: Source['openValue'] = (sealed, place) => (reader.secrets ?? noSecrets).openValue(sealed, place)
      const asked = sourceAt({ file: source.path }, dirname(source.path), { openValue })
      return readAnswers(answers, asked, draft, reader.report)
    }
    case 'module': {
      const data = fetched.modules.get(source.path)
      if (data === undefined) return reader.report(notAsked(source.path))
      reader.onRead(source.path, written(data))
      return readTyped(data, sourceAt({ file: source.path }, dirname(source.path)), draft, reader.report)
    }
    case 'file':
      return readFile(source.path, source.within !== undefined, draft, reader)
  }
}

/** Data as text, for the digest. Secrets are left out. */
function written(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  if (value instanceof Secret) return MASK
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}:${written(inner)}`)
    .join()}}`
}

/** `-i h1,h2:2222,` */
function readList(text: string, draft: Draft, { report }: Reader): void {
  const source = sourceAt({ file: `-i ${text}` }, process.cwd())
  for (const word of text.split(',').map((part) => part.trim())) {
    if (word === '') continue
    const pattern = readHostPattern(word)
    // Ranges are only allowed in files: here commas separate names.
    const isRange = /\[[^\]]*:[^\]]*\]/.test(word) && !isBracketedAddress(word)
    const { names, port } =
      'wrong' in pattern || isRange || pattern.names.length !== 1 ? { names: [word], port: undefined } : pattern
    if (names.some((name) => name === 'all' || name === 'ungrouped')) {
      const [wrong] = names.flatMap((name) => hostNameProblem(name, () => source.place(0)) ?? [])
      if (wrong !== undefined) report(wrong)
      continue
    }
    const isNew = names.every((name) => !draft.hosts.has(name))
    const said = { group: 'ungrouped', owner: word, variables: new Map(), offset: 0 }
    if (isNew) hostsWith({ draft, report, source }, names, { ...said, ...(port === undefined ? {} : { port }) })
  }
}

function isBracketedAddress(word: string): boolean {
  return isIPv6Address(/^\[([^\]]*)\]/.exec(word)?.[1] ?? '')
}

const YAML = new Set(['.yml', '.yaml', '.json'])
/** Known files in an inventory directory that are no inventories, in spite of their extension. */
const SURELY = /^(?:hosts|inventory)(?:$|\.)/
const NO_INVENTORY = /^(?:README|LICENSE|COPYING|CHANGELOG|Makefile|Vagrantfile|Dockerfile|Jenkinsfile)$/i

function readFile(path: string, isOneOfMany: boolean, draft: Draft, reader: Reader): void {
  const extension = extname(path)
  const isForeign = extension !== '' && !YAML.has(extension) && extension !== '.ini'
  if (isOneOfMany && NO_INVENTORY.test(basename(path))) return leftOut(path, reader)
  const text = textOf(path, reader)
  if (text === undefined) return
  if (extension === '.toml') return reader.report(toml(path))
  const format = formatOf(text.text, extension)
  if (format === 'ini') {
    const source = sourceOfText(path, text, reader)
    if (!isOneOfMany || !isForeign) return readIni(text.text, source, draft, reader.report)
    const isProgram = text.text.startsWith('#!')
    return readTentatively({ path, isProgram }, draft, reader, (report) => readIni(text.text, source, draft, report))
  }
  const root = parseYaml(
    { file: path, text: text.text, code: 'inventory', isSecret: text.isSecret, secrets: reader.secrets },
    reader.report,
  )
  if (root === undefined || isEmpty(root)) return
  if (isOneOfMany && root.kind !== 'map' && !SURELY.test(basename(path))) return leftOut(path, reader)
  const plugin = root.kind === 'map' ? root.entries.get('plugin')?.node : undefined
  if (plugin?.kind === 'scalar' && typeof plugin.value === 'string' && plugin.value !== '') {
    return reader.report(pluginFile(path, plugin.value))
  }
  readStructure(root, draft, reader.report)
}

/** A file with an unknown extension; a program begins with `#!`. */
interface Foreign {
  readonly path: string
  readonly isProgram: boolean
}

/** A file with an unknown extension is an inventory if it can be read as one. */
function readTentatively(
  { path, isProgram }: Foreign,
  draft: Draft,
  reader: Reader,
  read: (report: Reader['report']) => void,
): void {
  const problems: Problem[] = []
  const hosts = new Set(draft.hosts.keys())
  read(
    Object.assign((problem: Problem) => void problems.push(problem), {
      note: (remark: Remark) => reader.report.note(remark),
    }),
  )
  if (problems.length === 0) return
  for (const name of draft.hosts.keys()) {
    if (hosts.has(name)) continue
    draft.hosts.delete(name)
    for (const group of draft.groups.values()) group.hosts.delete(name)
  }
  leftOut(path, reader, isProgram ? `a program must be executable: chmod +x ${path}` : undefined)
}

function leftOut(path: string, { report }: Reader, hint = 'move it out of the directory of the inventory'): void {
  report.note({
    topic: 'no-inventory',
    name: basename(path),
    message: 'this is not an inventory, so it is ignored, as in Ansible',
    place: { file: path },
    hint,
  })
}

interface FileText {
  readonly text: string
  readonly isSecret: boolean
}

function textOf(path: string, { report, secrets, onRead }: Reader): FileText | undefined {
  const read = readText(path, 'inventory')
  if ('problem' in read) {
    report(read.problem)
    return undefined
  }
  onRead(path, read.text)
  try {
    return (secrets ?? noSecrets).openText(read.text, path)
  } catch (error) {
    if (!(error instanceof RolecallError)) throw error
    error.problems.forEach((problem) => report(problem))
    return undefined
  }
}

function sourceOfText(path: string, { text, isSecret }: FileText, { secrets }: Reader) {
  const places = lineCounter(path, text)
  const openValue: Source['openValue'] = (sealed, place) => (secrets ?? noSecrets).openValue(sealed, place)
  return sourceAt(places, dirname(path), { isSecret, openValue })
}

const COMMENT = /^\s*(?:[#;].*)?$/
const SECTION = /^\[[^\]\s]+\]\s*(?:#.*)?$/
const YAML_START = /^(?:---|%YAML|\{|["']?[\w.[\]-]+["']?\s*:(?:\s|$))/

/**
 * Whether a text is YAML or INI. Ansible tries one after the other; the first line with content is enough to tell.
 * A file named `.yml` that contains INI is read as INI.
 */
function formatOf(text: string, extension: string): 'yaml' | 'ini' {
  const first = firstLine(text)
  if (extension === '.json') return 'yaml'
  if (YAML.has(extension)) return SECTION.test(first) || /^[\w.[\]:-]+\s+\w+=/.test(first) ? 'ini' : 'yaml'
  return extension === '' && YAML_START.test(first) ? 'yaml' : 'ini'
}

function firstLine(text: string): string {
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start)
    const line = text.slice(start, end === -1 ? undefined : end)
    if (!COMMENT.test(line)) return line.trimEnd()
    if (end === -1) return ''
    start = end + 1
  }
  return ''
}

function toml(file: string): Problem {
  return {
    code: 'inventory',
    message: `${file} is a TOML inventory, which Rolecall does not read`,
    place: { file },
    expected: 'an inventory in YAML or INI, a program that prints one, or inventory/hosts.ts',
    hint: `let Ansible write it as YAML: ansible-inventory -i ${file} --list --yaml > hosts.yml`,
  }
}

function pluginFile(file: string, plugin: string): Problem {
  return {
    code: 'inventory',
    message: `${file} configures the inventory plugin ${plugin}, which is Python code of Ansible`,
    place: { file },
    expected: 'an inventory in YAML or INI, a program that prints one, or inventory/hosts.ts',
    hint: isOfOthers(plugin)
      ? `it makes groups of the hosts of other sources: let Ansible read them together, by a program outside of ${dirname(file)} with the lines ` +
        `"#!/bin/sh" and "exec ansible-inventory -i ${dirname(file)} --list"; or say the groups in inventory/hosts.ts`
      : `ask the same source in inventory/hosts.ts with inventory(async () => ...); or let Ansible ask it: a program with the lines ` +
        `"#!/bin/sh" and "exec ansible-inventory -i ${file} --list"`,
  }
}

/** Alone, this plugin has no hosts. */
function isOfOthers(plugin: string): boolean {
  return /^(ansible\.(builtin|legacy)\.)?constructed$/.test(plugin)
}

function notAsked(file: string): Problem {
  return {
    code: 'inventory',
    message: `${file} is a program or a module, and was not asked`,
    place: { file },
    hint: 'load the inventory with openInventory()',
  }
}
