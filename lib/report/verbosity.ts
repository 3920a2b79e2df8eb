/** How much of a run is shown. Each level includes those below it. */
export type Verbosity = typeof QUIET | typeof NORMAL | typeof VERBOSE | typeof VERY_VERBOSE

/** Failures and totals. */
export const QUIET = 0
/** Changes, unknowns and notes. */
export const NORMAL = 1
/** Also resources that are ok, each step, and every line of its output. */
export const VERBOSE = 2
/** Also connections, the start of roles, and the duration of each change. */
export const VERY_VERBOSE = 3
