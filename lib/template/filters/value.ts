import type { Apply } from '../evaluation/given.ts'
import { withItems, withParameters } from '../evaluation/given.ts'
import {
  Tuple,
  isDict,
  KeptText,
  TemplateError,
  typeName,
  Undefined,
  unkept,
  type Arguments,
  type Value,
} from '../values/value.ts'
import type { Run } from '../evaluation/run.ts'

/** `default(value, boolean)`: for what is undefined, with `true` also for what is empty. */
function byDefault(run: Run, value: Value, { positional, named }: Arguments): Value {
  const [otherwise = named.get('default_value') ?? '', isForEmpty = named.get('boolean') ?? false] = positional
  return value instanceof Undefined || (run.isTrue(isForEmpty) && !run.isTrue(value)) ? otherwise : value
}

/** Filters of values of any type. */
export const valueFilters: Readonly<Record<string, Apply>> = {
  default: byDefault,
  d: byDefault,
  mandatory(run, value, { positional, named }) {
    if (!(value instanceof Undefined)) return value
    const message = positional[0] ?? named.get('msg')
    throw new TemplateError(message === undefined ? value.message : run.text(message))
  },
  type_debug: (_, value) => typeName(value),
  string: withParameters([], (run, value) => new KeptText(run.text(value))),
  safe: withParameters([], (run, value) => run.text(value)),
  bool: withParameters([], (run, given) => {
    const value = run.plain(given)
    if (value === null || typeof value === 'boolean') return value
    if (typeof value === 'string') return ['yes', 'on', '1', 'true'].includes(value.toLowerCase())
    return value === 1 || (typeof value === 'object' && 'value' in value && value.value === 1)
  }),
  ternary: withParameters(
    ['true_val', 'false_val', 'none_val'],
    (run, value, given) => {
      const none = given.get('none_val')
      const chosen =
        unkept(value) === null && none !== undefined && none !== null
          ? none
          : given.get(run.isTrue(value) ? 'true_val' : 'false_val')
      if (chosen === undefined)
        throw new TemplateError('an argument is missing', 'it takes the value for true and the value for false')
      return chosen
    },
    { needed: 2 },
  ),
  attr: withParameters(
    ['name'],
    (_, value, given) => new Undefined(`a '${typeName(value)}' has no attribute '${given.text('name')}'`),
  ),
  items: withItems((run, value) => {
    const plain = run.plain(value)
    if (!isDict(plain)) throw new TemplateError(`it needs a dict, and gets a '${typeName(value)}'`)
    return Array.from(plain, (pair) => new Tuple(pair))
  }),
}
