import { item } from './access.ts'
import type { Run } from './run.ts'
import { Undefined, type Value } from '../values/value.ts'

/**
 * Reads the `attribute` of a filter: `name`, `net.address`, or the number of an item. As in Jinja `otherwise` takes the place of each step that is
 * missing, and the next step looks into it.
 */
export function pathOf(run: Run, attribute: Value, otherwise?: Value): (value: Value) => Value {
  const found = (value: Value) => (otherwise !== undefined && value instanceof Undefined ? otherwise : value)
  if (typeof attribute === 'number') return (value) => found(item(run, value, attribute))
  const steps = run
    .text(attribute)
    .split('.')
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step))
  return (value) => steps.reduce<Value>((inside, step) => found(item(run, inside, step)), value)
}
