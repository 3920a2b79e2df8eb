import type { Apply } from '../evaluation/given.ts'
import { pathOf } from '../evaluation/paths.ts'
import type { Run } from '../evaluation/run.ts'
import { testNamed } from '../evaluation/tests.ts'
import { TemplateError, Undefined, UndefinedError, type Arguments, type List, type Value } from '../values/value.ts'

/** Filters that apply another filter or a test to every item. */
export function sequenceFilters(filterNamed: (name: string) => Apply): Readonly<Record<string, Apply>> {
  return {
    map(run, value, { positional, named }) {
      const items = itemsOf(run, value)
      const attribute = named.get('attribute')
      if (attribute !== undefined) {
        return items.map(pathOf(run, attribute, named.get('default') ?? undefined))
      }
      const [name, ...rest] = positional
      if (name === undefined) throw new TemplateError('it needs the name of a filter, or attribute=')
      const filter = filterNamed(run.text(name))
      return items.map((each) => filter(run, each, { positional: rest, named }))
    },
    select: (run, value, given) => chosen(run, value, given, false, true),
    reject: (run, value, given) => chosen(run, value, given, false, false),
    selectattr: (run, value, given) => chosen(run, value, given, true, true),
    rejectattr: (run, value, given) => chosen(run, value, given, true, false),
  }
}

/** As in Jinja, a false value such as null, false or 0 has no items. */
function itemsOf(run: Run, value: Value): List {
  if (value instanceof Undefined) throw new UndefinedError(value)
  return run.isTrue(value) ? run.items(value) : []
}

function chosen(
  run: Run,
  value: Value,
  { positional, named }: Arguments,
  hasAttribute: boolean,
  wanted: boolean,
): Value {
  const [first, ...others] = positional
  if (hasAttribute && first === undefined) throw new TemplateError('it needs the name of an attribute')
  const [name, ...rest] = hasAttribute ? others : positional
  const path = hasAttribute && first !== undefined ? pathOf(run, first) : (each: Value) => each
  const test = name === undefined ? undefined : testNamed(run.text(name))
  return itemsOf(run, value).filter((each) => {
    const subject = path(each)
    const holds = test === undefined ? run.isTrue(subject) : run.isTrue(test(run, subject, { positional: rest, named }))
    return holds === wanted
  })
}
