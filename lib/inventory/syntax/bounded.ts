import { createContext, Script } from 'node:vm'

/** Plenty for some thousand names. An expression with catastrophic backtracking would take hours. */
const MOST_MS = 1000

const matchAll = new Script('names.filter((name) => shape.test(name)).join("\\n")')

/**
 * The names that an expression matches; undefined when matching takes more than a second. A user's expression after `~` may take twice as long
 * for each further letter.
 */
export function matchingNames(shape: RegExp, names: readonly string[]): ReadonlySet<string> | undefined {
  try {
    const found: unknown = matchAll.runInContext(createContext({ shape, names }), { timeout: MOST_MS })
    return new Set(typeof found === 'string' && found !== '' ? found.split('\n') : [])
  } catch (error) {
    // The error comes from another context, so `instanceof Error` is false.
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      return undefined
    throw error
  }
}
