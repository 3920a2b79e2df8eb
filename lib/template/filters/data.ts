import type { Apply, Bound } from '../evaluation/given.ts'
import { withParameters } from '../evaluation/given.ts'
import type { Run } from '../evaluation/run.ts'
import { fromJson, json } from '../values/json.ts'
import { KeptText, TemplateError, type Value } from '../values/value.ts'
import { readYaml } from '../yaml/read.ts'
import { writeYaml } from '../yaml/write.ts'

const YAML_STYLE = ['indent', 'width', 'sort_keys']

/** Filters from and to JSON and YAML. */
export const dataFilters: Readonly<Record<string, Apply>> = {
  to_json: withParameters(
    ['indent', 'sort_keys', 'ensure_ascii', 'separators'],
    (run, value, given) => {
      const indent = given.get('indent') == null ? undefined : given.int('indent', 4)
      const isAscii = given.get('ensure_ascii') === undefined || given.isTrue('ensure_ascii')
      const separators = separatorsOf(run, given)
      return new KeptText(
        json(run, value, {
          indent,
          isSorted: given.isTrue('sort_keys'),
          isAscii,
          ...(separators === undefined ? {} : { separators }),
        }),
      )
    },
    { unnamed: 0 },
  ),
  to_nice_json: withParameters(
    ['indent', 'sort_keys', 'ensure_ascii'],
    (run, value, given) => {
      const isSorted = given.get('sort_keys') === undefined || given.isTrue('sort_keys')
      const isAscii = given.get('ensure_ascii') === undefined || given.isTrue('ensure_ascii')
      return new KeptText(json(run, value, { indent: given.int('indent', 4), isSorted, isAscii }))
    },
    { unnamed: 2 },
  ),
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
    const documents = readYaml(plain)
    if (documents.length > 1)
      throw new TemplateError('the text contains more than one YAML document', 'use from_yaml_all')
    return documents[0] ?? null
  }),
  from_yaml_all: withParameters([], (run, value) => {
    const plain = run.plain(value)
    return typeof plain === 'string' ? readYaml(plain) : plain
  }),
  to_yaml: withParameters(
    ['default_flow_style', ...YAML_STYLE],
    (run, value, given) => {
      const flow = given.get('default_flow_style') ?? null
      if (flow === true)
        throw new TemplateError('default_flow_style=true is not supported', 'leave it out, or use to_json')
      return new KeptText(writeYaml(value, { ...yamlStyle(given, 2), isBlock: flow !== null }, plainIn(run)))
    },
    { unnamed: 0 },
  ),
  to_nice_yaml: withParameters(
    YAML_STYLE,
    (run, value, given) => {
      return new KeptText(writeYaml(value, { ...yamlStyle(given, 4), isBlock: true }, plainIn(run)))
    },
    { unnamed: 1 },
  ),
}

/** The separators of items, and of a key and its value. */
function separatorsOf(run: Run, given: Bound): readonly [string, string] | undefined {
  const separators = given.get('separators')
  if (separators == null) return undefined
  const [items, keys, ...more] = run.items(separators).map((each) => run.plain(each))
  if (typeof items === 'string' && typeof keys === 'string' && more.length === 0) return [items, keys]
  throw new TemplateError('the argument "separators" has to be two texts', "as in separators=(',', ':')")
}

function plainIn(run: Run): (value: Value) => Value {
  return (value) => run.plain(value)
}

function yamlStyle(given: Bound, usual: number) {
  const [indent, width] = [given.int('indent', usual), given.int('width', 80)]
  return {
    indent: indent > 1 && indent < 10 ? indent : 2,
    width: width > 2 * indent ? width : 80,
    isSorted: given.get('sort_keys') === undefined || given.isTrue('sort_keys'),
  }
}
