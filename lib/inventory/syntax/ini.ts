import type { Place } from '../../errors.ts'
import { addChild, groupIn } from '../graph/draft.ts'
import type { Draft } from '../graph/draft.ts'
import { addVariables, hostsWith } from '../variables/draft-vars.ts'
import { groupNameProblem, hostNames } from '../connections/host-name.ts'
import type { Report } from '../parse.ts'
import { didYouMean } from '../../text/nearest.ts'
import { isIPv6Address } from '../patterns/ipv6.ts'
import { readLiteral } from './python-literal.ts'
import { shellWords } from './shell-words.ts'
import type { Word } from './shell-words.ts'
import type { Entry, Source } from '../graph/tree.ts'
import { nodeOf } from './value-node.ts'

const SECTION = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/
const CHILD = /^([^:\]\s]+)\s*(?:#.*)?$/

/** Python's line ends. Each is one character, so a Windows line end gives an additional empty line. */
const LINE_BREAK = /[\n\r\v\f\u0085\u2028\u2029]/

/** A group that was mentioned before its declaration: as a child of these groups, or by its variables. */
interface Pending {
  readonly place: Place
  readonly parents: [name: string, place: Place][]
}

/** Reads an INI inventory into a draft, as Ansible does: `[group]`, `[group:children]`, `[group:vars]`, ranges, Python values. */
export function readIni(text: string, source: Source, draft: Draft, report: Report): void {
  new IniReader(source, draft, report).read(text)
}

class IniReader {
  readonly #source: Source
  readonly #draft: Draft
  readonly #report: Report
  readonly #children = new Map<string, Pending>()
  readonly #variables = new Map<string, Pending>()
  #group = 'ungrouped'
  #state: 'hosts' | 'children' | 'vars' | 'unknown' = 'hosts'
  /** The variables of the section so far. */
  #gathered = new Map<string, Entry>()

  constructor(source: Source, draft: Draft, report: Report) {
    this.#source = source
    this.#draft = draft
    this.#report = report
  }

  read(text: string): void {
    let offset = 0
    for (const whole of text.split(LINE_BREAK)) {
      const line = whole.trim()
      if (line !== '' && !line.startsWith('#') && !line.startsWith(';')) {
        this.#line(line, offset + whole.length - whole.trimStart().length)
      }
      offset += whole.length + 1
    }
    this.#endSection()
    this.#reportError()
  }

  #line(line: string, offset: number): void {
    const section = SECTION.exec(line)
    if (section !== null) return this.#section(section[1] ?? '', section[2] ?? 'hosts', offset)
    if (line.startsWith('[') && line.endsWith(']')) {
      return this.#wrong('this is not a section: its name has no spaces, and at most one colon', offset, {
        expected: '[group], [group:children] or [group:vars]',
        got: line,
        hint: isIPv6Address(line.slice(1, -1))
          ? `write a host that is an address without brackets: ${line.slice(1, -1)}`
          : 'write the name of the group without spaces, and after it :children or :vars if that is meant',
      })
    }
    if (/^\[[^[\]]*\]\s*;/.test(line)) {
      return this.#wrong('there is text after the name of a section', offset, {
        expected: 'the end of the line, or a comment that begins with #',
        got: line,
        hint: 'write # before the comment, or put the comment on a line of its own',
      })
    }
    switch (this.#state) {
      case 'hosts':
        return this.#hosts(line, offset)
      case 'children':
        return this.#child(line, offset)
      case 'vars':
        return this.#variable(line, offset)
      case 'unknown':
        return
    }
  }

  #section(name: string, state: string, offset: number): void {
    this.#endSection()
    this.#group = name
    const place = this.#source.place(offset)
    if (state !== 'hosts' && state !== 'children' && state !== 'vars') {
      this.#state = 'unknown'
      return this.#wrong(`the section [${name}:${state}] has an unknown kind`, offset, {
        expected: `[${name}], [${name}:children] or [${name}:vars]`,
        got: state,
        hint: didYouMean(state, ['children', 'vars', 'hosts']) ?? `write [${name}] above its hosts`,
      })
    }
    this.#state = state
    const wrong = groupNameProblem(name, () => place)
    if (wrong !== undefined) {
      this.#state = 'unknown'
      return this.#report(wrong)
    }
    const isNew = !this.#draft.groups.has(name)
    if (isNew && state === 'vars' && !this.#children.has(name)) this.#variables.set(name, { place, parents: [] })
    groupIn(this.#draft, name, place)
    if (state === 'vars') return
    this.#variables.delete(name)
    this.#adopt(name)
  }

  /** Adds a newly declared group to the groups that named it before. */
  #adopt(name: string): void {
    const pending = this.#children.get(name)
    if (pending === undefined) return
    this.#children.delete(name)
    for (const [parent, place] of pending.parents) {
      addChild(this.#draft, parent, name, place)
      this.#adopt(parent)
    }
  }

  #hosts(line: string, offset: number): void {
    const divided = shellWords(line)
    if ('wrong' in divided) {
      return this.#wrong(`the line cannot be divided into words: ${divided.wrong}`, offset, {
        expected: 'a host, then name=value with quotes around values that have spaces',
        hint: 'close each quote, and write a backslash twice where one is meant',
      })
    }
    const [host, ...rest] = divided.words
    if (host === undefined) return
    const place = this.#source.place(offset)
    const { names, port } = hostNames(host.text, () => place, this.#report)
    const variables = new Map<string, Entry>()
    for (const word of rest) this.#assignment(word, offset, variables)
    hostsWith({ draft: this.#draft, report: this.#report, source: this.#source }, names, {
      group: this.#group,
      offset,
      owner: host.text,
      variables,
      ...(port === undefined ? {} : { port }),
    })
  }

  #assignment({ text, at }: Word, offset: number, variables: Map<string, Entry>): void {
    const equals = text.indexOf('=')
    if (equals === -1) {
      return this.#wrong(`"${text}" is not a variable of the host`, offset + at, {
        expected: 'name=value',
        hint: 'quote a value that has spaces; write each host on a line of its own',
      })
    }
    this.#set(text.slice(0, equals), text.slice(equals + 1), offset + at, variables)
  }

  #variable(line: string, offset: number): void {
    const equals = line.indexOf('=')
    if (equals === -1) {
      return this.#wrong(`the line gives no variable of group ${this.#group} a value`, offset, {
        expected: 'name=value',
        hint: `if it is a host, put it under [${this.#group}]`,
      })
    }
    this.#set(line.slice(0, equals).trim(), line.slice(equals + 1).trim(), offset, this.#gathered)
  }

  #set(key: string, written: string, offset: number, variables: Map<string, Entry>): void {
    const source = this.#source
    const literal = readLiteral(written)
    const node = nodeOf(literal === undefined ? written : literal.value, source, offset)
    const isOther = node.kind === 'scalar' && typeof node.value === 'number' && String(node.value) !== written
    variables.set(key, { key, node: isOther ? { ...node, spelled: written } : node, source, offset })
  }

  #child(line: string, offset: number): void {
    const child = CHILD.exec(line)?.[1]
    if (child === undefined) {
      return this.#wrong(`"${line}" is not the name of a group`, offset, {
        expected: `the name of a group, on a line of its own`,
        hint: `if it is a host, put it under [${this.#group}]`,
      })
    }
    const place = this.#source.place(offset)
    if (this.#draft.groups.has(child)) return addChild(this.#draft, this.#group, child, place)
    const pending = this.#children.get(child)
    if (pending === undefined) this.#children.set(child, { place, parents: [[this.#group, place]] })
    else pending.parents.push([this.#group, place])
  }

  #endSection(): void {
    if (this.#gathered.size > 0) {
      addVariables({ draft: this.#draft, report: this.#report }, this.#group, this.#gathered)
    }
    this.#gathered = new Map()
  }

  #reportError(): void {
    for (const [name, { place }] of this.#variables) {
      this.#report({
        code: 'inventory',
        message: `the section [${name}:vars] gives variables to a group that is not there`,
        place,
        expected: `[${name}] or [${name}:children] in the same file`,
        hint: `write [${name}] with its hosts, or remove the section`,
      })
    }
    for (const [name, { parents }] of this.#children) {
      const [parent, place] = parents.at(-1) ?? []
      this.#report({
        code: 'inventory',
        message: `the group "${name}" is a child of ${parent ?? ''}, and it is not there`,
        ...(place === undefined ? {} : { place }),
        expected: `[${name}] or [${name}:children] in the same file`,
        hint: `write [${name}]; a section without hosts is enough`,
      })
    }
  }

  #wrong(message: string, offset: number, more: { expected?: string; got?: string; hint?: string }): void {
    this.#report({ code: 'inventory', message, place: this.#source.place(offset), ...more })
  }
}
