import type { Apply } from '../evaluation/given.ts'
import { withItems, withParameters } from '../evaluation/given.ts'
import { expressionOf, replacementOf } from '../values/regex.ts'
import { TemplateError, Tuple, type Value } from '../values/value.ts'

/** Filters with regular expressions, which are Python's. */
export const regexFilters: Readonly<Record<string, Apply>> = {
  regex_replace: withParameters(['pattern', 'replacement', 'ignorecase', 'multiline'], (run, value, given) => {
    const shape = expressionOf(given.text('pattern', ''), {
      ignoreCase: given.isTrue('ignorecase'),
      multiline: given.isTrue('multiline'),
      all: true,
    })
    const replacement = replacementOf(given.text('replacement', ''))
    return run.text(value).replace(shape, (...found: unknown[]) => {
      const last = found.at(-1)
      const names =
        typeof last === 'object' && last !== null ? (last as Readonly<Record<string, string | undefined>>) : {}
      const groups = found.slice(0, typeof last === 'object' ? -3 : -2) as readonly (string | undefined)[]
      return replacement(groups, names)
    })
  }),
  regex_search: withItems((run, value, items, named) => {
    const [pattern, ...wanted] = items
    if (pattern === undefined) throw new TemplateError('the argument "regex" is missing')
    const shape = expressionOf(run.text(pattern), {
      ignoreCase: run.isTrue(named.get('ignorecase') ?? false),
      multiline: run.isTrue(named.get('multiline') ?? false),
    })
    const groups = wanted.map((each) => {
      const [, name, number] = /^\\(?:g<([^>]+)>|(\d+))/.exec(run.text(each)) ?? []
      const group = number ?? name
      if (group === undefined)
        throw new TemplateError('Unknown argument', "name a group as in '\\\\1' or '\\\\g<name>'")
      return group
    })
    const found = shape.exec(run.text(value))
    if (found === null) return null
    if (groups.length === 0) return found[0]
    return groups.map((group) => {
      const isNumber = /^\d+$/.test(group)
      if (isNumber ? Number(group) >= found.length : found.groups === undefined || !Object.hasOwn(found.groups, group))
        throw new TemplateError(`the regular expression has no group "${group}"`)
      return (isNumber ? found[Number(group)] : found.groups?.[group]) ?? null
    })
  }),
  regex_findall: withParameters(['regex', 'multiline', 'ignorecase'], (run, value, given) => {
    const shape = expressionOf(given.text('regex'), {
      ignoreCase: given.isTrue('ignorecase'),
      multiline: given.isTrue('multiline'),
      all: true,
    })
    return Array.from(run.text(value).matchAll(shape), (found): Value => {
      const [whole, ...groups] = found
      const texts = groups.map((group: string | undefined) => group ?? '')
      return texts.length === 0 ? whole : texts.length === 1 ? (texts[0] ?? '') : new Tuple(texts)
    })
  }),
  regex_escape: withParameters(['re_type'], (run, value, given) => {
    const type = given.text('re_type', 'python')
    if (type === 'python') return run.text(value).replace(/[\s\-[\]{}()*+?.\\^$|#&~]/g, '\\$&')
    if (type === 'posix_basic') return run.text(value).replace(/[\][.^$*\\]/g, '\\$&')
    throw new TemplateError(
      `the type "${type}" of regular expressions is not known`,
      'known are python and posix_basic',
    )
  }),
}
