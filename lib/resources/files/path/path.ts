import { posix } from 'node:path'
import { shellFunction, raw, sh, type ShellFunction, type Sh } from '../../../sh/quote.ts'
import { isTrusted, statOf } from './stat-batch.ts'
import { describeValue } from '../../kit/options/describe-value.ts'
import { invalidOption } from '../../kit/options/invalid-option.ts'
import { knowsAccount } from './known-account.ts'

/** A user or a group as the host knows it. Either part may be unknown when it is only foreseen. */
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
  return posix.normalize(path).replace(/(?<=.)\/$/, '')
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
      isTrusted: isTrusted(dir),
    },
    { owner, group },
    further,
  )
  return shellFunction([...VARIABLES, ...variables], asked)
}

/**
 * The same question about a path below a directory that only the host knows, which stands in the variable `$h`. A line `below DIRECTORY` has to come
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
      isTrusted: raw('false'),
    },
    { owner, group },
    further,
  )
}

const VARIABLES = ['p', 'l', 'd', 'b', 'c', 's', 'w', 'n']

interface Asked {
  readonly path: Sh
  readonly dir: Sh
  readonly above: Sh
  readonly name: string
  /** What hidden candidates begin with. */
  readonly hidden: string
  readonly stat: Sh
  readonly isTrusted: Sh
}

function askPath(asked: Asked, { owner, group }: Attributes, further: Sh): Sh {
  return sh`p=${asked.path} l=0 d=${asked.dir} b=${asked.above} w=dir path_kept=:
s=${asked.stat}
path_here() {
for c in "$b"${asked.hidden}??????; do [ -e "$c" ] && $path_kept "$c" && l=1; done
if [ -z "$s" ] && [ ! -e "$p" ] && [ ! -L "$p" ]; then
while [ ! -e "$d" ] && [ ! -L "$d" ]; do w=absent; d=\${d%/*}; d=\${d:-/}; done; fi
if [ -z "$s" ] && [ -d "$d" ] && [ -x "$d" ] && [ ! -e "$p" ] && [ ! -L "$p" ]; then echo "none $l \${#d} $w"
elif [ -n "$s" ] || s=$(stat -c '%f %s %u %g %U:%G %h' -- "$p" 2>&1); then n=\${s##* }
case $n in *[!0-9]*) n=1;; *) s=\${s% *};; esac; echo "have $l $s"
case $s in 8*) [ "$n" = 1 ] || echo "names $n";; esac
else case $s in *': Permission denied') w=denied;; *) [ -d "$d" ] || w=blocked;; esac; echo "none $l \${#d} $w"; s=; fi
${[ask('user', owner), ask('group', group)]}
${further}
}
if ${asked.isTrusted} || ! type path_ask >/dev/null 2>&1; then path_here
else (path_ask ${asked.name} ${owner ?? ''}); [ $? -lt 128 ] || printf 'way moving 0:root -\nnone 0 %s dir\n' \${#d}; fi`
}

/**
 * When an account is purged, what belonged to it keeps its number. Debian's adduser gives the lowest free one from 100 on, so a
 * package that comes again mostly brings the account with the old number.
 *
 * Source: adduser(8), adduser.conf(5).
 */
function ask(type: 'user' | 'group', name: string | undefined): Sh {
  if (name === undefined || /^\d+$/.test(name)) return raw(':;')
  const pattern = type === 'user' ? sh`*${` ${name}:`}*` : sh`*${`:${name}`}`
  const nameless = type === 'user' ? raw("*' UNKNOWN:'*") : raw('*:UNKNOWN')
  const field = raw(type === 'user' ? '$3' : '$4')
  const next = sh`awk -F: '{ t[$3] = 1 } END { for (n = 100; n in t; n++); print n }' ${type === 'user' ? '/etc/passwd' : '/etc/group'}`
  return sh`case $s in ${pattern}) ;; *) ${knowsAccount(type, name)} || { n=; case $s in ${nameless}) set -- $s; [ "$(${next})" != "${field}" ] || n=" ${field}";; esac
echo ${`lacks ${type} ${name}`}"$n"; };; esac;`
}

/** The pattern of all hidden candidates that a step may leave beside `path` when it is killed. */
export function candidatesOf(path: string): Sh {
  return sh`${candidatePrefix(path)}??????`
}

/** Names of more than 200 bytes are cut, because a name may have 255. */
export function candidatePrefix(path: string): string {
  const name = Buffer.from(posix.basename(path))
    .subarray(0, 200)
    .toString('utf8')
    .replace(/\uFFFD$/, '')
  return posix.join(posix.dirname(path), `.${name}.rolecall.`)
}
