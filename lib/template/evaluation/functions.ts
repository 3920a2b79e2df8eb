import { range } from '../filters/list.ts'
import { lookup } from './lookup.ts'
import type { Run } from './run.ts'
import { Callable, Namespace, type Key, type Value } from '../values/value.ts'

/** The functions that a template can call. */
export function functionNamed(run: Run, name: string): Value | undefined {
  switch (name) {
    case 'range':
      return new Callable(name, ({ positional }) => range(run, positional))
    case 'dict':
      return new Callable(name, ({ positional, named }) => {
        const pairs = positional.flatMap((each) =>
          each instanceof Map ? [...each] : run.items(each).map((pair) => pairOf(run, pair)),
        )
        return new Map<Key, Value>([...pairs, ...named])
      })
    case 'namespace':
      return new Callable(name, ({ named }) => new Namespace(named))
    case 'lookup':
      return new Callable(name, (given) => lookup(run, given, false))
    case 'query':
    case 'q':
      return new Callable(name, (given) => lookup(run, given, true))
    default:
      return undefined
  }
}

function pairOf(run: Run, pair: Value): [Key, Value] {
  const [key = null, value = null] = run.items(pair)
  return [run.key(key), value]
}
