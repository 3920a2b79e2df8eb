import { parse } from 'yaml'
import type { Apply } from '../evaluation/given.ts'
import { withParameters } from '../evaluation/given.ts'
import { fromJson, fromPlain, json } from '../values/json.ts'
import { KeptText, TemplateError } from '../values/value.ts'

/** Filters from and to JSON and YAML. */
export const dataFilters: Readonly<Record<string, Apply>> = {
  to_json: withParameters(['indent', 'sort_keys', 'ensure_ascii', 'separators'], (run, value, given) => {
    const indent = given.get('indent') == null ? undefined : given.int('indent', 4)
    const isAscii = given.get('ensure_ascii') === undefined || given.isTrue('ensure_ascii')
    return new KeptText(json(run, value, { indent, isSorted: given.isTrue('sort_keys'), isAscii }))
  }),
  to_nice_json: withParameters(['indent', 'sort_keys', 'ensure_ascii'], (run, value, given) => {
    const isSorted = given.get('sort_keys') === undefined || given.isTrue('sort_keys')
    const isAscii = given.get('ensure_ascii') === undefined || given.isTrue('ensure_ascii')
    return new KeptText(json(run, value, { indent: given.int('indent', 4), isSorted, isAscii }))
  }),
  from_json: withParameters([], (run, value) => {
    try {
      return fromJson(run.text(value))
    } catch (error) {
      if (error instanceof TemplateError) throw error
      throw new TemplateError('the text is not JSON')
    }
  }),
  from_yaml: withParameters([], (run, value) => {
    const plain = run.plain(value)
    if (typeof plain !== 'string') return plain
    try {
      return fromPlain(
        parse(plain, { version: '1.1', schema: 'yaml-1.1', intAsBigInt: true, maxAliasCount: 100, logLevel: 'error' }),
      )
    } catch (error) {
      if (error instanceof TemplateError) throw error
      throw new TemplateError('the text is not YAML')
    }
  }),
}
