import { TemplateError } from './value.ts'

interface Flags {
  readonly ignoreCase?: boolean
  readonly multiline?: boolean
  readonly all?: boolean
}

/** Translates a Python regular expression to JavaScript. */
export function expressionOf(pattern: string, { ignoreCase = false, multiline = false, all = false }: Flags): RegExp {
  const flags = new Set([...(all ? ['g'] : []), ...(ignoreCase ? ['i'] : []), ...(multiline ? ['m'] : [])])
  const rest = pattern.replace(/^\(\?([aiLmsux]+)\)/, (_, letters: string) => {
    for (const letter of letters) {
      if (letter === 'x') throw new TemplateError('a regular expression with (?x) is not supported')
      if ('ims'.includes(letter)) flags.add(letter)
    }
    return ''
  })
  const shape = rest.replace(
    /\\([^])|\(\?P(?:<(\w+)>|=(\w+)\))|\[(?:\^?\]?(?:\\[^]|[^\]\\])*)\]/g,
    (whole, escaped: string | undefined, group: string | undefined, same: string | undefined) => {
      if (group !== undefined) return `(?<${group}>`
      if (same !== undefined) return `\\k<${same}>`
      if (escaped === 'A') return '(?<![^])'
      if (escaped === 'Z') return '(?![^])'
      if (escaped !== undefined) return whole
      return whole.startsWith('[]') || whole.startsWith('[^]') ? whole.replace(']', '\\]') : whole
    },
  )
  // Python's $ also matches before a line break at the end.
  const ended = flags.has('m') ? shape : endsOf(shape)
  try {
    return new RegExp(ended, [...flags].join(''))
  } catch {
    throw new TemplateError(`the regular expression ${JSON.stringify(pattern)} is not understood`)
  }
}

function endsOf(shape: string): string {
  return shape.replace(/\\[^]|\[(?:\\[^]|[^\]\\])*\]|\$/g, (whole) => (whole === '$' ? '(?=\\n?(?![^]))' : whole))
}

type Groups = readonly (string | undefined)[]

/** The replacement of Python's `sub`: `\1`, `\g<1>`, `\g<name>`, `\n`. */
export function replacementOf(
  text: string,
): (groups: Groups, names: Readonly<Record<string, string | undefined>>) => string {
  return (groups, names) =>
    text.replace(
      /\\(?:g<(\w+)>|(\d{1,2})|([^]))/g,
      (_, name: string | undefined, number: string | undefined, char: string | undefined) => {
        const by = number ?? (name !== undefined && /^\d+$/.test(name) ? name : undefined)
        if (by !== undefined) {
          if (Number(by) >= groups.length) throw new TemplateError(`the regular expression has no group ${by}`)
          return groups[Number(by)] ?? ''
        }
        if (name !== undefined) {
          if (!Object.hasOwn(names, name)) throw new TemplateError(`the regular expression has no group "${name}"`)
          return names[name] ?? ''
        }
        return { n: '\n', t: '\t', r: '\r', '\\': '\\' }[char ?? ''] ?? unknownEscape(char ?? '')
      },
    )
}

function unknownEscape(char: string): string {
  if (/[a-z]/i.test(char)) throw new TemplateError(`the escape \\${char} in a replacement is not known`)
  return `\\${char}`
}
