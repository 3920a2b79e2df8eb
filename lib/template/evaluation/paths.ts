import { item } from './access.ts'
import type { Run } from './run.ts'
import type { Value } from '../values/value.ts'

/** Reads the `attribute` of a filter: `name`, `net.address`, or the number of an item. */
export function pathOf(run: Run, attribute: Value): (value: Value) => Value {
  if (typeof attribute === 'number') return (value) => item(run, value, attribute)
  const steps = run
    .text(attribute)
    .split('.')
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step))
  return (value) => steps.reduce<Value>((inside, step) => item(run, inside, step), value)
}
