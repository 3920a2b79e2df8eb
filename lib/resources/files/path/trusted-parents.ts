import { lines, shellFunctions, type Sh } from '../../../sh/quote.ts'
import { walk } from './walk.ts'

/**
 * `trusted_parents PATH` succeeds where nobody but root and the user that scripts run as can change the directory of a path, or a directory on the way to that: names in
 * there mean the same at each moment. Of a path that is not there yet the nearest directory counts. A link of another account on the way fails.
 */
export const trustedParents: Sh = lines(
  walk,
  shellFunctions(`trusted_parents() ( path_me=$(id -u) a=\${1%/*}
while [ ! -d "\${a:-/}" ]; do a=\${a%/*}; done
path_hold "\${a:-/}" '' && [ "$state" = 1 ] && [ "$PWD" = "$base" ]
) 2>/dev/null`),
)
