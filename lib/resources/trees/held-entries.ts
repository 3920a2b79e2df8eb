import { lines, quote, raw, sh, type Sh } from '../../sh/quote.ts'

/**
 * Scripts for all that is in the working directory, where others can change parts of the tree meanwhile: they put a link in the place of a directory, or of
 * the file itself, between the moment it is found and the moment its owner or mode is set.
 *
 * `others_write OWNER` exits with 0 where somebody else than root, the account that scripts run as and OWNER can change what is in here, and where that cannot
 * be told: find does not know OWNER, or something is moved away while it looks. A directory with an access control list that may let others write counts as well.
 *
 * Source: find(1), `-execdir`; proc(5) (`/proc/pid/fd`).
 */
export const othersWrite: Sh = raw(`others_write() {
[ -n "$(find . -xdev \\( ! -user 0 ! -user "$(id -u)" ! -user "\${1:-0}" -o -type d \\( -perm -002 -o -perm -020 ! -group 0 \\) \\) 2>&1 | head -n 1)" ] ||
[ -n "$(find . -xdev -type d -perm -020 -exec ls -ldn {} + 2>&1 | sed -n '/^.\\{10\\}+/{p;q;}')" ]
}`)

/**
 * Runs a command for entries that find finds: their names are its last arguments. The command works in the directory of the entry, which nobody can move away
 * then, and must not follow a link itself, as `chown -h`. A find without `-execdir` (busybox) does where nobody else can write.
 */
export function inTheirDirectory(tests: Sh, command: Sh, owner: string | undefined): Sh {
  return sh`if find . -maxdepth 0 -execdir true {} \\; 2>/dev/null; then find . -xdev ${tests} -execdir ${command} {} + || exit 1
elif others_write ${owner ?? ''}; then echo 'others can change what is in here, and find of this host has no -execdir to work there safely' >&2; exit 1
else find . -xdev ${tests} -exec ${command} {} + || exit 1; fi`
}

/**
 * Runs a command for entries that find finds, upon `"$p"`. Where others can write, that is the open entry itself, of which the kernel says that it is in this
 * directory; what has been moved elsewhere, or leads elsewhere, is passed over, and so is a pipe, which to open would take for ever. One that is put there at that very
 * moment ends the script after 5 s.
 */
export function heldEntries(tests: Sh, command: (p: Sh) => Sh, owner: string | undefined): Sh {
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
