import { pythonRegex, type Flags } from '../../text/python-regex.ts'
import { TemplateError } from './value.ts'

/** A Python regular expression as one of JavaScript. Throws a TemplateError for what has no counterpart. */
export function expressionOf(pattern: string, flags: Flags): RegExp {
  const translated = pythonRegex(pattern, flags)
  if ('regex' in translated) return translated.regex
  throw new TemplateError(
    `the regular expression ${JSON.stringify(pattern)} is not understood`,
    `${translated.wrong}; write it without that`,
  )
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
