import { createContext, Script } from 'node:vm'

/** Long for some thousand names; an expression that tries every way to match takes hours. */
const MOST_MS = 1000

const matchAll = new Script('names.filter((name) => shape.test(name)).join("\\n")')

/**
 * Those of some names that an expression matches; undefined when that takes more than a second. What somebody writes after a `~` may try
 * every way to divide a name, and twice as many for each letter more.
 */
export function matchingNames(shape: RegExp, names: readonly string[]): ReadonlySet<string> | undefined {
  try {
    const found: unknown = matchAll.runInContext(createContext({ shape, names }), { timeout: MOST_MS })
    return new Set(typeof found === 'string' && found !== '' ? found.split('\n') : [])
  } catch (error) {
    // It is an Error of the other context, and none of ours.
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      return undefined
    throw error
  }
}
