import type { Apply } from '../evaluation/given.ts'
import { withItems, withParameters } from '../evaluation/given.ts'
import { compute, contains, equal, order } from '../evaluation/operators.ts'
import { pathOf } from '../evaluation/paths.ts'
import type { Run } from '../evaluation/run.ts'
import {
  bounded,
  Float,
  isDict,
  isList,
  isNumber,
  Lazy,
  numberOf,
  TemplateError,
  Tuple,
  typeName,
  Undefined,
  type List,
  type Value,
} from '../values/value.ts'

/** The most lists in a product. */
const MOST_IN_ROW = 10

/** The key for sorting or comparing: lower case unless `case_sensitive`. */
function folded(run: Run, value: Value, isCaseSensitive: boolean): Value {
  const plain = run.plain(value)
  return typeof plain === 'string' && !isCaseSensitive ? plain.toLowerCase() : plain
}

function unique(run: Run, items: List, by: (value: Value) => Value = (value) => run.plain(value)): Value[] {
  const found: { readonly key: Value; readonly value: Value }[] = []
  for (const value of items) {
    const key = by(value)
    if (!found.some((each) => equal(run, each.key, key))) found.push({ key, value })
  }
  return found.map(({ value }) => value)
}

function extreme(sign: 1 | -1): Apply {
  return withParameters(['case_sensitive', 'attribute'], (run, value, given) => {
    const by = (each: Value) =>
      folded(
        run,
        given.get('attribute') == null ? each : pathOf(run, given.need('attribute'))(each),
        given.isTrue('case_sensitive'),
      )
    const items = run.items(value)
    if (items.length === 0) return new Undefined('the list is empty')
    return items.reduce((best, each) => (order(run, by(each), by(best)) * sign > 0 ? each : best))
  })
}

function sorted(run: Run, items: List, by: (value: Value) => Value, isReverse: boolean): Value[] {
  const sign = isReverse ? -1 : 1
  return items
    .map((value) => ({ value, key: by(value) }))
    .toSorted((a, b) => sign * order(run, a.key, b.key))
    .map(({ value }) => value)
}

function flat(run: Run, items: List, levels: number | undefined, skipNothing: boolean): Value[] {
  return items.flatMap((each): Value[] => {
    const isNothing = each === null || each === 'None' || each === 'null'
    if (skipNothing && isNothing) return []
    if ((isList(each) || each instanceof Tuple) && (levels === undefined || levels >= 1))
      return flat(run, run.items(each), levels === undefined ? undefined : levels - 1, skipNothing)
    return [each]
  })
}

function joined(lists: readonly List[], longest: boolean, fill: Value): Value[] {
  const lengths = lists.map(({ length }) => length)
  const size = lists.length === 0 ? 0 : longest ? Math.max(...lengths) : Math.min(...lengths)
  return Array.from(
    { length: size },
    (_, at) => new Tuple(lists.map((list) => (at < list.length ? (list[at] ?? null) : fill))),
  )
}

function lengthOf(run: Run, value: Value): number {
  const plain = run.plain(value)
  if (typeof plain === 'string') return Array.from(plain).length
  if (isDict(plain)) return plain.size
  if (isList(plain) || plain instanceof Tuple || plain instanceof Lazy) return run.items(plain).length
  throw new TemplateError(`a '${typeName(value)}' has no length`)
}

function ended(value: Value | undefined, which: string): Value {
  return value === undefined ? new Undefined(`the list is empty, and has no ${which} item`) : value
}

const combined = (choose: (run: Run, left: List, right: List) => Value[]): Apply =>
  withParameters(['b'], (run, value, given) => choose(run, run.items(value), run.items(given.need('b'))))

const without = (run: Run, left: List, right: List) => left.filter((each) => !contains(run, right, each))

/** Filters of lists. */
export const listFilters: Readonly<Record<string, Apply>> = {
  list: withParameters([], (run, value) => [...run.items(value)]),
  length: withParameters([], lengthOf),
  count: withParameters([], lengthOf),
  first: withParameters([], (run, value) => ended(run.items(value)[0], 'first')),
  last: withParameters([], (run, value) => ended(run.items(value).at(-1), 'last')),
  min: extreme(-1),
  max: extreme(1),
  join: withParameters(['d', 'attribute'], (run, value, given) => {
    const by = given.get('attribute') == null ? (each: Value) => each : pathOf(run, given.need('attribute'))
    return run
      .items(value)
      .map((each) => run.text(by(each)))
      .join(given.text('d', ''))
  }),
  sort: withParameters(['reverse', 'case_sensitive', 'attribute'], (run, value, given) => {
    const attribute = given.get('attribute')
    const paths =
      attribute == null
        ? []
        : run
            .text(attribute)
            .split(',')
            .map((path) => pathOf(run, path))
    const isExact = given.isTrue('case_sensitive')
    const by = (each: Value): Value =>
      paths.length === 0 ? folded(run, each, isExact) : paths.map((path) => folded(run, path(each), isExact))
    return sorted(run, run.items(value), by, given.isTrue('reverse'))
  }),
  reverse: withParameters([], (run, value) => {
    const plain = run.plain(value)
    return typeof plain === 'string' ? Array.from(plain).reverse().join('') : run.items(plain).toReversed()
  }),
  unique: withParameters(['case_sensitive', 'attribute'], (run, value, given) => {
    const isExact = given.isTrue('case_sensitive')
    const path = given.get('attribute') == null ? (each: Value) => each : pathOf(run, given.need('attribute'))
    return unique(run, run.items(value), (each) => folded(run, path(each), isExact))
  }),
  union: withParameters(['b'], (run, value, given) =>
    unique(run, run.items(compute(run, '+', value, given.need('b')))),
  ),
  intersect: combined((run, left, right) =>
    unique(
      run,
      left.filter((each) => contains(run, right, each)),
    ),
  ),
  difference: withParameters(['b'], (run, value, given) => {
    const right = given.need('b')
    return unique(
      run,
      run.items(value).filter((each) => !contains(run, right, each)),
    )
  }),
  symmetric_difference: combined((run, left, right) =>
    unique(run, [...without(run, left, right), ...without(run, right, left)]),
  ),
  flatten: withParameters(['levels', 'skip_nulls'], (run, value, given) =>
    flat(
      run,
      run.items(value),
      given.get('levels') == null ? undefined : given.int('levels', 0),
      given.get('skip_nulls') === undefined || given.isTrue('skip_nulls'),
    ),
  ),
  sum: withParameters(['attribute', 'start'], (run, value, given) => {
    const by = given.get('attribute') == null ? (each: Value) => each : pathOf(run, given.need('attribute'))
    return run.items(value).reduce<Value>((sum, each) => compute(run, '+', sum, by(each)), given.get('start') ?? 0)
  }),
  zip: withItems((run, value, lists) =>
    joined(
      [value, ...lists].map((each) => run.items(each)),
      false,
      null,
    ),
  ),
  zip_longest: withItems((run, value, lists, named) =>
    joined(
      [value, ...lists].map((each) => run.items(each)),
      true,
      named.get('fillvalue') ?? null,
    ),
  ),
  product: withItems((run, value, lists) => {
    const parts = [value, ...lists].map((each) => run.items(each))
    // Each row has one item of each list.
    bounded(parts.reduce((rows, { length }) => rows * length, MOST_IN_ROW))
    return parts
      .reduce<Value[][]>((rows, list) => rows.flatMap((row) => list.map((each) => [...row, each])), [[]])
      .map((row) => new Tuple(row))
  }),
  batch: withParameters(
    ['linecount', 'fill_with'],
    (run, value, given) => {
      const [items, size] = [run.items(value), Math.max(1, bounded(given.int('linecount', 1)))]
      const fill = given.get('fill_with') ?? null
      const rows = Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
        items.slice(at * size, (at + 1) * size),
      )
      return rows.map((row) =>
        fill === null ? row : [...row, ...Array.from({ length: size - row.length }, () => fill)],
      )
    },
    { needed: 1 },
  ),
  slice: withParameters(
    ['slices', 'fill_with'],
    (run, value, given) => {
      const [items, count] = [run.items(value), Math.max(1, bounded(given.int('slices', 1)))]
      const [size, more] = [Math.floor(items.length / count), items.length % count]
      const fill = given.get('fill_with') ?? null
      return Array.from({ length: count }, (_, at) => {
        const start = at * size + Math.min(at, more)
        const row = items.slice(start, start + size + (at < more ? 1 : 0))
        return fill !== null && at >= more ? [...row, fill] : row
      })
    },
    { needed: 1 },
  ),
}

/** `range(start, end, step)`. */
export function range(run: Run, given: List): Value[] {
  const numbers = given.map((each) => {
    const plain = run.plain(each)
    if (isNumber(plain) && !(plain instanceof Float)) return numberOf(plain)
    throw new TemplateError(
      `range() needs whole numbers, and gets a '${typeName(each)}'`,
      'turn it into one with | int',
    )
  })
  const [start, end, step] =
    numbers.length === 1 ? [0, numbers[0] ?? 0, 1] : [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 1]
  if (step === 0) throw new TemplateError('the step of range() is 0')
  const count = Math.max(0, Math.ceil((end - start) / step))
  if (count > 1_000_000) throw new TemplateError('range() gives more than a million numbers')
  return Array.from({ length: count }, (_, at) => start + at * step)
}
