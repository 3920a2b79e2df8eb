import { parse, type MemberNode, type ObjectNode, type ValueNode } from '@humanwhocodes/momoa'
import { memoizeByText } from '../../memoize.ts'
import { Broken } from './structured.ts'
import { isList, isMap, type Key, type KeyPath, type Tree } from '../kit/tree.ts'

/** The data in a JSON text. Comments are passed over. Of a key that is given twice the last one counts, as everywhere. */
export function parseJson(text: string): Tree {
  const root = rootOf(text)
  return root === undefined ? new Map() : treeOf(root)
}

/** The text with this value at a key; every other byte stays. */
export function putJson(text: string, path: KeyPath, value: Tree): string | undefined {
  const root = rootOf(text)
  if (root === undefined) return `${text.trim() === '' ? '' : text}${printed(nested(path, value), '', '  ', '\n')}\n`
  const holder = walk(root, path.slice(0, -1))
  const key = path.at(-1)
  if (holder === undefined || key === undefined) return undefined
  const habits = habitsOf(text, root)
  const member = holder.members.findLast((each) => nameOf(each) === key)
  if (member !== undefined) {
    const [from, to] = rangeOf(member.value)
    const isWide = (member.value.type === 'Object' || member.value.type === 'Array') && spans(text, member.value)
    const old = isList(value) && member.value.type === 'Array' && member.value.elements.length > 0
    const flat = old ? !isWide : isOneLine(text, holder) && !isWide
    return splice(text, from, to, flat ? inline(value) : printed(value, indentAt(text, from), habits.step, habits.eol))
  }
  return insert(text, holder, key, value, habits)
}

/** The text without a key. A comment after it on its line goes with it; comments above it stay. */
export function dropJson(text: string, path: KeyPath): string | undefined {
  const root = rootOf(text)
  const holder = root && walk(root, path.slice(0, -1))
  const index = holder?.members.findLastIndex((each) => nameOf(each) === path.at(-1)) ?? -1
  const [member, previous, next] = [holder?.members[index], holder?.members[index - 1], holder?.members[index + 1]]
  if (holder === undefined || member === undefined) return undefined
  const [from, to] = rangeOf(member)
  const rest = text.slice(to)
  let less: string
  if (next !== undefined) {
    const behind = /^[ \t]*(\/\/[^\n]*)?\r?\n[ \t]*|^[ \t]*/.exec(rest.slice(commaEnd(rest)))?.[0] ?? ''
    less = splice(text, from, to + commaEnd(rest) + behind.length, '')
  } else if (previous !== undefined) {
    const end = rangeOf(previous)[1]
    const between = text.slice(end, from)
    const kept = between.slice(0, commaEnd(between) - 1) + between.slice(commaEnd(between))
    const behind = /^[ \t]*\/\/[^\r\n]*|/.exec(rest)?.[0] ?? ''
    less = splice(text, end, to + behind.length, kept.trimEnd())
  } else {
    const [start, end] = rangeOf(holder)
    less = splice(text, start + 1, end - 1, '')
  }
  return dropJson(less, path) ?? less
}

/** Where the comma between two members ends; there may be comments before it. */
function commaEnd(between: string): number {
  return /^(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*,/.exec(between)?.[0].length ?? 0
}

function insert(text: string, holder: ObjectNode, key: Key, value: Tree, { step, eol }: Habits): string {
  const [start, end] = rangeOf(holder)
  const last = holder.members.at(-1)
  if (last === undefined) {
    const outer = indentAt(text, start)
    const pad = outer + step
    const comments = text.slice(start + 1, end - 1).trim()
    const inside = comments === '' ? '' : `${eol}${pad}${comments}`
    return splice(text, start, end, `{${inside}${eol}${pad}${pair(key, printed(value, pad, step, eol))}${eol}${outer}}`)
  }
  const [from, to] = rangeOf(last)
  const colon = text.slice(rangeOf(last.name)[1], rangeOf(last.value)[0])
  if (isOneLine(text, holder)) {
    const [first, second] = holder.members
    const comma = first && second ? text.slice(rangeOf(first)[1], rangeOf(second)[0]) : `,${colon.replace(':', '')}`
    return splice(text, to, to, `${comma}${pair(key, inline(value), colon)}`)
  }
  const pad = indentAt(text, from)
  // A comment after the last member stays with it.
  const behind = /^[ \t]*\/\/[^\r\n]*|^[ \t]*\/\*[^\n]*\*\/(?=[ \t]*\r?\n)|/.exec(text.slice(to))?.[0] ?? ''
  return splice(
    text,
    to,
    to + behind.length,
    `,${behind}${eol}${pad}${pair(key, printed(value, pad, step, eol), colon)}`,
  )
}

function pair(key: Key, value: string, colon = ': '): string {
  return `${JSON.stringify(String(key))}${colon}${value}`
}

function printed(value: Tree, pad: string, step: string, eol: string): string {
  const inner = pad + step
  if (isMap(value)) {
    if (value.size === 0) return '{}'
    const members = [...value].map(([key, below]) => `${inner}${pair(key, printed(below, inner, step, eol))}`)
    return `{${eol}${members.join(`,${eol}`)}${eol}${pad}}`
  }
  if (!isList(value)) return JSON.stringify(value)
  if (value.length === 0) return '[]'
  return `[${eol}${value.map((item) => inner + printed(item, inner, step, eol)).join(`,${eol}`)}${eol}${pad}]`
}

function inline(value: Tree): string {
  if (isMap(value)) return `{${[...value].map(([key, below]) => pair(key, inline(below))).join(', ')}}`
  return isList(value) ? `[${value.map(inline).join(', ')}]` : JSON.stringify(value)
}

function nested(path: KeyPath, value: Tree): Tree {
  return path.reduceRight<Tree>((below, key) => new Map([[key, below]]), value)
}

/** How deep a file indents, and how its lines end. */
interface Habits {
  readonly step: string
  readonly eol: string
}

function habitsOf(text: string, root: ValueNode): Habits {
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const first = root.type === 'Object' ? root.members[0] : undefined
  const wide = root.type === 'Object' && !isOneLine(text, root)
  const step = first !== undefined && wide ? indentAt(text, rangeOf(first)[0]) : ''
  return { step: step === '' ? '  ' : step, eol }
}

/** The blanks that the line begins with. */
function indentAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? ''
}

/** Whether its members follow one another on one line. */
function isOneLine(text: string, node: ObjectNode): boolean {
  const first = node.members[0]
  return first !== undefined && !text.slice(rangeOf(node)[0], rangeOf(first)[0]).includes('\n')
}

function spans(text: string, node: ValueNode): boolean {
  return text.slice(...rangeOf(node)).includes('\n')
}

/** The map at a path. Of keys that are given twice, the last one. */
function walk(node: ValueNode, [key, ...rest]: KeyPath): ObjectNode | undefined {
  if (node.type !== 'Object') return undefined
  if (key === undefined) return node
  const member = node.members.findLast((each) => nameOf(each) === key)
  return member && walk(member.value, rest)
}

function nameOf({ name }: MemberNode): string {
  return name.type === 'String' ? name.value : name.name
}

function rangeOf({ range }: { readonly range?: readonly number[] | undefined }): readonly [number, number] {
  return [range?.[0] ?? 0, range?.[1] ?? 0]
}

function splice(text: string, from: number, to: number, put: string): string {
  return text.slice(0, from) + put + text.slice(to)
}

/** Undefined when the text says nothing at all. */
const rootOf = memoizeByText(readRoot)

function readRoot(text: string): ValueNode | undefined {
  try {
    return parse(text, { mode: 'jsonc', ranges: true }).body
  } catch (error) {
    if (text.trim() === '') return undefined
    if (!(error instanceof Error)) throw error
    const message = error.message.replace(/ \(\d+:\d+\)$/, '').replace(/ found\.$/, '')
    const known = 'line' in error && 'column' in error && !message.startsWith('Unexpected end')
    const lines = text.trimEnd().split('\n')
    const [line, column] = known ? [error.line, error.column] : [lines.length, (lines.at(-1)?.length ?? 0) + 1]
    throw new Broken(message, Number(line), Number(column))
  }
}

function treeOf(node: ValueNode): Tree {
  switch (node.type) {
    case 'Object':
      return new Map(node.members.map((member) => [nameOf(member), treeOf(member.value)]))
    case 'Array':
      return node.elements.map(({ value }) => treeOf(value))
    case 'Null':
      return null
    case 'String':
    case 'Number':
    case 'Boolean':
      return node.value
    case 'NaN':
    case 'Infinity':
      throw new Broken(`${node.type} is no JSON`, node.loc.start.line, node.loc.start.column)
  }
}
