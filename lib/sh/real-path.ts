import { shellFunctions, type Sh } from './quote.ts'
import { realPath as text } from './real-path.sh.ts'

/** Defines `real_path PATH`, which prints where a path leads through all links, as `readlink -f` should. See `real-path.sh`. */
export const realPath: Sh = shellFunctions(text)
