import { z } from 'zod'

const LEFT_OUT = '__proto__'
/** Replaces it while z.record reads; no name has a NUL. */
const STAND_IN = `\0${LEFT_OUT}`

/** A map from names that others choose to values. z.record alone leaves out the name `__proto__`, which a host, a variable or a package may have. */
export function namedValues<T extends z.ZodType>(value: T) {
  const read = z
    .preprocess(
      (given: Readonly<Record<string, z.input<T>>>) => renamed(given, LEFT_OUT, STAND_IN),
      z.record(z.string(), value),
    )
    .transform((all) => renamed(all, STAND_IN, LEFT_OUT))
  // What is preprocessed counts as optional in JSON schemas.
  return z.nonoptional(read)
}

function renamed<Given>(given: Given, from: string, to: string): Given {
  if (typeof given !== 'object' || given === null || !Object.hasOwn(given, from)) return given
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name === from ? to : name, value])) as Given
}
