import { posix } from 'node:path'
import { lines, raw, sh, shellFunction, shellFunctions, type ShellFunction, type Sh } from '../../../sh/quote.ts'
import { realPath } from '../../../sh/real-path.ts'
import { probePath as probePathText } from './probe-path.sh.ts'
import { statOf, trustOf } from './stat-batch.ts'
import { candidatePrefix } from './candidate-names.ts'
import { describeValue } from '../../kit/options/describe-value.ts'
import { invalidOption } from '../../kit/options/invalid-option.ts'
import { tooLong } from '../../kit/options/path-length.ts'

/** A user or a group as the host knows it. Either part may be unknown when the account is only predicted. */
export interface Account {
  readonly name?: string | undefined
  readonly id?: string | undefined
}

/** Who may do what with a path. What is left out is not managed. */
export interface Attributes {
  readonly mode?: string | undefined
  readonly owner?: string | undefined
  readonly group?: string | undefined
}

/** A path that is safe to work with: absolute, without `.`, `..`, doubled or trailing slashes. */
export function absolute(kind: string, path: unknown): string {
  if (typeof path !== 'string') throw invalidOption(`${kind} path`, 'an absolute path', describeValue(path))
  const problem = !path.startsWith('/')
    ? 'an absolute path'
    : path.includes('\0')
      ? 'a path without NUL bytes'
      : path.split('/').includes('..')
        ? 'a path without ".."'
        : undefined
  if (problem !== undefined) throw invalidOption(`${kind} path`, problem, JSON.stringify(path))
  const normal = posix.normalize(path).replace(/(?<=.)\/$/, '')
  const long = tooLong(normal)
  if (long !== undefined) throw invalidOption(`${kind} path`, long.expected, long.got, long.hint)
  return normal
}

/** Brings a mode to four digits. */
export function attributes({ mode, owner, group }: Attributes): Attributes {
  return { mode: mode?.padStart(4, '0'), owner, group }
}

/**
 * Asks for one path: one `stat`, everything else is built into the shell. Leaves `$p` (the path), `$s` (what stat said), for what is asked
 * `further`, with `variables` of its own; and prints `have LEFTOVERS RAWMODE SIZE UID GID USER:GROUP`, with `names COUNT` below it for a file that
 * has hard links, or `none LEFTOVERS LENGTH-OF-NEAREST PARENT|denied`.
 *
 * Where another account can change its directory, a line `way ...` comes first (see `Way`), and `$p` is what was looked at: a regular file is
 * held open, and `$p` is empty where there is nothing. Without the functions of `walk`, which come with the batch of `stat`, no directory is checked.
 *
 * Source: stat(1) of coreutils and of busybox, whose `%f` is st_mode in hexadecimal (inode(7)).
 */
export function probePath(
  path: string,
  { owner, group }: Attributes = {},
  further: Sh = raw(':'),
  variables: readonly string[] = [],
): ShellFunction {
  const dir = posix.dirname(path)
  const asked = askPath(
    {
      path: sh`${path}`,
      dir: sh`${dir}`,
      above: sh`${dir === '/' ? '/' : `${dir}/`}`,
      name: posix.basename(path),
      hidden: posix.basename(candidatePrefix(path)),
      stat: statOf(path),
      trust: trustOf(dir),
    },
    { owner, group },
    further,
  )
  return shellFunction([...VARIABLES, ...variables], asked)
}

/**
 * The same question about a path below a directory that only the host knows, which is in the variable `$h`. A line `below DIRECTORY` has to come
 * first, for whoever reads the answer.
 */
export function probePathBelow(rest: string, { owner, group }: Attributes = {}, further: Sh = raw(':')): Sh {
  const up = posix.dirname(rest)
  const dir = up === '.' ? raw('"$h"') : sh`"$h"/${up}`
  return askPath(
    {
      path: sh`"$h"/${rest}`,
      dir,
      above: sh`${dir}/`,
      name: posix.basename(rest),
      hidden: posix.basename(candidatePrefix(`/${rest}`)),
      stat: raw("''"),
      trust: raw('-'),
    },
    { owner, group },
    further,
  )
}

const VARIABLES = ['p', 'l', 'd', 'b', 'c', 's', 'w', 'n', 'hidden', 'owner', 'group']

interface Asked {
  readonly path: Sh
  readonly dir: Sh
  readonly above: Sh
  readonly name: string
  /** What hidden candidates begin with. */
  readonly hidden: string
  readonly stat: Sh
  readonly trust: Sh
}

function askPath(asked: Asked, { owner = '', group = '' }: Attributes, further: Sh): Sh {
  return lines(
    realPath,
    shellFunctions(probePathText),
    sh`p=${asked.path} l=0 d=${asked.dir} b=${asked.above} w=dir path_kept=: hidden=${asked.hidden} owner=${owner} group=${group}
s=${asked.stat}
path_further() {
${further}
}
path_probe ${asked.name} ${asked.trust}`,
  )
}
