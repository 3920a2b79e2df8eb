import { compileFunction } from 'node:vm'
import { RolecallError, type Problem } from '../../errors.ts'
import { Secret } from '../../secret.ts'
import { didYouMean } from '../../text/nearest.ts'

/*
 * Eta's syntax, and not Eta itself: its compiler makes one function of a template, in which a name, a value that is no text and an error have no line, a Secret is text like
 * any other, and names cannot be held against the given ones before it is run. Nor does it close anything that this leaves open: both run JavaScript of the project's own, in this process,
 * as roles do.
 */

/** What a template may name, as `it.NAME`. */
export type TemplateVariables = Readonly<Record<string, unknown>>

interface Part {
  readonly type: 'text' | 'value' | 'code'
  readonly text: string
  readonly line: number
}

const TAG = /<%([=~#]?)([-_]?)([^]*?)([-_]?)%>/g

/**
 * Makes the text of a template: `<%= it.name %>` is a value, `<% if (it.flag) { %>` is JavaScript, `<%# ... %>` a comment. A line that has nothing but a `<% %>`
 * in it leaves no line; `-%>` removes the line break after it. Nothing is escaped.
 *
 * The names of the file and the given ones must be the same: one that is not given, and one that the file never names, is refused with its line.
 * With a Secret among the values the text is one.
 */
export function render(text: string, variables: TemplateVariables, file: string): string | Secret {
  const parts = partsOf(text)
  const wrong = namesIn(parts, variables, file, text)
  if (wrong.length > 0) throw new RolecallError(wrong)
  let line = 1
  const seen = { secret: false }
  const show = (value: unknown): string => {
    if (value instanceof Secret) {
      seen.secret = true
      return value.reveal()
    }
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
    throw new Error(`a value is ${value === null ? 'null' : typeof value}, and no text, number or Secret`)
  }
  try {
    const made = compiled(parts)(variables, show, (at: number) => (line = at))
    return seen.secret ? new Secret(made, { byLine: false }) : made
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new RolecallError({ code: 'playbook', message: `the template cannot be made: ${why}`, place: { file, line } })
  }
}

function partsOf(text: string): Part[] {
  const parts: Part[] = []
  let at = 0
  const lineAt = (index: number) => text.slice(0, index).split('\n').length
  const push = (from: number, to: number) => {
    if (to > from) parts.push({ type: 'text', text: text.slice(from, to), line: lineAt(from) })
  }
  for (const match of text.matchAll(TAG)) {
    const [whole, sign = '', , inside = '', trim = ''] = match
    let [from, to] = [match.index, match.index + whole.length]
    const isAlone = sign !== '=' && sign !== '~' && aloneInLine(text, from, to)
    if (isAlone) {
      from = text.lastIndexOf('\n', from - 1) + 1
      to = Math.min(text.length, endOfLine(text, to))
    } else if (trim !== '') to = endOfLine(text, to)
    push(at, from)
    if (sign === '=' || sign === '~') parts.push({ type: 'value', text: inside, line: lineAt(match.index) })
    else if (sign === '') parts.push({ type: 'code', text: inside, line: lineAt(match.index) })
    at = Math.max(at, to)
  }
  push(at, text.length)
  return parts
}

function aloneInLine(text: string, from: number, to: number): boolean {
  const before = text.slice(text.lastIndexOf('\n', from - 1) + 1, from)
  return before.trim() === '' && /^[ \t]*(\r?\n|$)/.test(text.slice(to))
}

function endOfLine(text: string, from: number): number {
  const behind = /^[ \t]*\r?\n/.exec(text.slice(from))
  return behind === null ? from : from + behind[0].length
}

type Render = (it: TemplateVariables, show: (value: unknown) => string, at: (line: number) => void) => string

function compiled(parts: readonly Part[]): Render {
  const body = parts.map(({ type, text, line }) => {
    if (type === 'text') return `out += ${JSON.stringify(text)};`
    return type === 'value' ? `at(${line}); out += show(${text.trim().replace(/;$/, '')}\n);` : `at(${line});${text}\n`
  })
  // The template is code of the project's own, as its roles are.
  const source = `'use strict'; let out = '';\n${body.join('\n')}\nreturn out`
  return compileFunction(source, ['it', 'show', 'at']) as Render
}

/** What the file names and nobody gives, and the other way round. */
function namesIn(parts: readonly Part[], variables: TemplateVariables, file: string, whole: string): Problem[] {
  const used = new Map<string, number>()
  for (const { type, text, line } of parts)
    if (type !== 'text')
      for (const [, name = '', quoted = ''] of text.matchAll(
        /(?<![\w$.])it(?:\.([A-Za-z_$][\w$]*)|\[['"]([^'"]+)['"]\])/g,
      ))
        if (!used.has(name || quoted)) used.set(name || quoted, line)
  const given = Object.keys(variables)
  const lacking = [...used].filter(([name]) => !given.includes(name))
  const spare = given.filter((name) => !used.has(name))
  const jinja = whole.match(/\{[{%][^{}\n]*/g) ?? []
  return [
    ...lacking.map(([name, line]): Problem => {
      return {
        code: 'playbook',
        message: `the template uses it.${name}, which is not among its variables`,
        place: { file, line },
        hint: didYouMean(name, given) ?? `give it in variables: { ${name}: ... }`,
      }
    }),
    ...spare.map((name): Problem => ({
      code: 'playbook',
      message: `the template does not use the variable ${name}`,
      place: { file },
      hint: jinja.some((tag) => tag.includes(name))
        ? `write <%= it.${name} %> in the file: templates have Eta's syntax, not Jinja's`
        : `write it.${name} in the file, or leave the variable out`,
    })),
  ]
}
