import { lines, quote, raw, sh, type Sh } from '../../sh/quote.ts'

/*
 * Scripts that run a command for everything in the working directory, like `find -exec`, while other accounts may change the tree: they could put a link in the
 * place of a directory or file between the moment when find sees it and the moment when its owner or mode is set.
 */

/**
 * `others_write OWNER` exits with 0 if an account besides root, OWNER and the one that scripts run as can change the tree, and also if that cannot be found out:
 * find does not know OWNER, or something is moved away meanwhile. A directory whose access control list may let others write counts as well.
 *
 * Source: find(1), `-execdir`; proc(5) (`/proc/pid/fd`).
 */
export const othersWrite: Sh = raw(`others_write() {
[ -n "$(find . -xdev \\( ! -user 0 ! -user "$(id -u)" ! -user "\${1:-0}" -o -type d \\( -perm -002 -o -perm -020 ! -group 0 \\) \\) 2>&1 | head -n 1)" ] ||
[ -n "$(find . -xdev -type d -perm -020 -exec ls -ldn {} + 2>&1 | sed -n '/^.\\{10\\}+/{p;q;}')" ]
}`)

/**
 * Runs a command for the entries that find selects; their names are its last arguments. It runs in the directory of the entry, so moving that directory does not
 * matter, and must not follow links itself: `chown -h`. A find without `-execdir` (busybox) is used only if nobody else can write in the tree.
 */
export function execByName(tests: Sh, command: Sh, owner: string | undefined): Sh {
  return sh`if find . -maxdepth 0 -execdir true {} \\; 2>/dev/null; then find . -xdev ${tests} -execdir ${command} {} + || exit 1
elif others_write ${owner ?? ''}; then echo 'others can change what is in here, and find of this host has no -execdir to work there safely' >&2; exit 1
else find . -xdev ${tests} -exec ${command} {} + || exit 1; fi`
}

/**
 * Runs a command for the entries that find selects. If others can write in the tree, the command gets the opened entry, `/proc/self/fd/9`, after the kernel said
 * that it is inside this directory. An entry that was moved or leads elsewhere is skipped, and so is a pipe, since opening it would block. A pipe that appears at
 * that very moment ends the script after 5 s.
 */
export function execByDescriptor(tests: Sh, command: (p: Sh) => Sh, owner: string | undefined): Sh {
  const one = command(raw('/proc/self/fd/9'))
  const each = `root=$1; shift
for f do
[ ! -p "$f" ] || continue
( trap 'kill $z; exit' TERM; sleep 5 & z=$!; wait "$z"; kill -9 $$ ) >/dev/null 2>&1 </dev/null & g=$!
{ command exec 9<"$f"; e=$?; } 2>/dev/null
kill "$g" 2>/dev/null
[ "$e" = 0 ] || continue
case $(readlink /proc/self/fd/9) in "$root"|"$root"/*) ${one.text} || exit 1;; esac
done`
  return lines(
    sh`if others_write ${owner ?? ''}; then
find . -maxdepth 0 -execdir true {} \\; 2>/dev/null || { echo 'others can change what is in here, and find of this host has no -execdir to work there safely' >&2; exit 1; }
find . -xdev ${tests} -execdir sh -c ${raw(quote(each))} sh "$PWD" {} + || { echo 'another account changes what is in here meanwhile: not all of it could be worked on' >&2; exit 1; }
else find . -xdev ${tests} -exec ${command(raw('{}'))} + || exit 1; fi`,
  )
}
