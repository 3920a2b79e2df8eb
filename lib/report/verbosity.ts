/** How much of a run is shown. Each level shows all of those below it. */
export type Verbosity = typeof QUIET | typeof NORMAL | typeof VERBOSE | typeof VERY_VERBOSE

/** What failed, and the sums. */
export const QUIET = 0
/** What changes, what is not known, and notes. */
export const NORMAL = 1
/** Also what is as wanted, each step, and every line that a step prints. */
export const VERBOSE = 2
/** Also connections, roles as they begin, and how long each change took. */
export const VERY_VERBOSE = 3
