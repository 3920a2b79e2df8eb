import { item } from '../evaluation/access.ts'
import type { Apply } from '../evaluation/given.ts'
import { withItems, withParameters } from '../evaluation/given.ts'
import { contains, order } from '../evaluation/operators.ts'
import { pathOf } from '../evaluation/paths.ts'
import type { Run } from '../evaluation/run.ts'
import {
  isDict,
  isList,
  TemplateError,
  Tuple,
  typeName,
  Undefined,
  UndefinedError,
  type Dict,
  type Key,
  type List,
  type Value,
} from '../values/value.ts'

function dict(run: Run, value: Value): Dict {
  const plain = run.plain(value)
  if (isDict(plain)) return plain
  throw new TemplateError(`it needs a dict, and gets a '${typeName(value)}'`)
}

function listed(run: Run, value: Value): List {
  const plain = run.plain(value)
  if (isList(plain) || plain instanceof Tuple) return run.items(plain)
  throw new TemplateError(`it needs a list, and gets a '${typeName(value)}'`)
}

const MERGES = ['replace', 'keep', 'append', 'prepend', 'append_rp', 'prepend_rp']

function merged(run: Run, lower: Dict, higher: Dict, isRecursive: boolean, lists: string): Dict {
  const made = new Map<Key, Value>(lower)
  for (const [key, value] of higher) {
    const below = made.get(key)
    if (below === undefined) made.set(key, value)
    else if (isDict(below) && isDict(value))
      made.set(key, isRecursive ? merged(run, below, value, isRecursive, lists) : value)
    else if (isList(below) && isList(value)) made.set(key, listsMerged(run, below, value, lists))
    else made.set(key, value)
  }
  return made
}

function listsMerged(run: Run, below: readonly Value[], value: readonly Value[], how: string): readonly Value[] {
  const rest = () => below.filter((each) => !contains(run, value, each))
  switch (how) {
    case 'keep':
      return below
    case 'append':
      return [...below, ...value]
    case 'prepend':
      return [...value, ...below]
    case 'append_rp':
      return [...rest(), ...value]
    case 'prepend_rp':
      return [...value, ...rest()]
    default:
      return value
  }
}

/** Filters of dicts. */
export const dictFilters: Readonly<Record<string, Apply>> = {
  combine: withItems((run, value, items, named) => {
    const unknown = [...named.keys()].find((name) => name !== 'recursive' && name !== 'list_merge')
    if (unknown !== undefined)
      throw new TemplateError(`the argument "${unknown}" is unknown`, 'it takes recursive and list_merge')
    const lists = run.text(named.get('list_merge') ?? 'replace')
    if (!MERGES.includes(lists))
      throw new TemplateError(`list_merge cannot be "${lists}"`, `it can be ${MERGES.join(', ')}`)
    const dicts = [value, ...items].flatMap((each) => {
      if (each instanceof Undefined) throw new UndefinedError(each)
      // As in Ansible, null is skipped.
      return (isList(each) ? each : [each]).filter((one) => one !== null)
    })
    const isRecursive = run.isTrue(named.get('recursive') ?? false)
    return dicts
      .map((each) => dict(run, each))
      .reduce((lower, higher) => merged(run, lower, higher, isRecursive, lists), new Map<Key, Value>())
  }),
  dict2items: withParameters(['key_name', 'value_name'], (run, value, given) =>
    Array.from(
      dict(run, value),
      ([key, each]): Value =>
        new Map<Key, Value>([
          [given.text('key_name', 'key'), key],
          [given.text('value_name', 'value'), each],
        ]),
    ),
  ),
  items2dict: withParameters(
    ['key_name', 'value_name'],
    (run, value, given) =>
      new Map(
        listed(run, value).map((each): [Key, Value] => {
          const entry = dict(run, each)
          const [key, found] = [entry.get(given.text('key_name', 'key')), entry.get(given.text('value_name', 'value'))]
          if (key === undefined || found === undefined) throw new TemplateError('each item needs a key and a value')
          return [run.key(key), found]
        }),
      ),
  ),
  dictsort: withParameters(['case_sensitive', 'by', 'reverse'], (run, value, given) => {
    const part = given.text('by', 'key')
    if (part !== 'key' && part !== 'value')
      throw new TemplateError(`dicts cannot be sorted by "${part}"`, 'by can be key or value')
    const at = part === 'value' ? 1 : 0
    const by = (pair: readonly [Key, Value]) => {
      const plain = run.plain(pair[at])
      return typeof plain === 'string' && !given.isTrue('case_sensitive') ? plain.toLowerCase() : plain
    }
    const sign = given.isTrue('reverse') ? -1 : 1
    return [...dict(run, value)].toSorted((a, b) => sign * order(run, by(a), by(b))).map((pair) => new Tuple(pair))
  }),
  groupby: withParameters(['attribute', 'default'], (run, value, given) => {
    const by = pathOf(run, given.need('attribute'), given.get('default') ?? undefined)
    const groups = new Map<Key, Value[]>()
    for (const each of run.items(value).toSorted((a, b) => order(run, by(a), by(b)))) {
      const key = run.key(by(each))
      groups.set(key, [...(groups.get(key) ?? []), each])
    }
    return Array.from(groups, ([key, items]) => new Tuple([key, items]))
  }),
  extract: withParameters(['container', 'morekeys'], (run, value, given) => {
    const more = given.get('morekeys')
    const keys = [value, ...(more == null ? [] : isList(more) ? more : [more])]
    return keys.reduce<Value>((inside, key) => item(run, inside, key), given.need('container'))
  }),
  subelements: withParameters(['subelements', 'skip_missing'], (run, value, given) => {
    const plain = run.plain(value)
    const elements = isDict(plain) ? [...plain.values()] : run.items(plain)
    const path = pathOf(run, given.need('subelements'))
    return elements.flatMap((element) => {
      const found = path(element)
      if (found instanceof Undefined && given.isTrue('skip_missing')) return []
      return run.items(found).map((each) => new Tuple([element, each]))
    })
  }),
  rekey_on_member: withParameters(['key'], (run, value, given) => {
    const plain = run.plain(value)
    const items = isDict(plain) ? [...plain.values()] : run.items(plain)
    return new Map(items.map((each): [Key, Value] => [run.key(item(run, each, given.need('key'))), each]))
  }),
}
