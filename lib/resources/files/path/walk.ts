import { shellFunctions, type Sh } from '../../../sh/quote.ts'

/**
 * Shell functions that walk to a directory which another account can change, and look at what is in it, without being led elsewhere.
 *
 * When is a directory trusted? When each part of its path, from `/` on, is a real directory of root's (or of the user that scripts run
 * as) in which nobody else may write: then nobody else can rename anything on the way, or put a link there. Parts in a directory with
 * the sticky bit, such as /tmp, count where they belong to root: nobody else can remove or rename them. Names that are new in such a
 * directory are not trusted. A symbolic link in a trusted directory was created by root, and is followed.
 *
 * Trusted paths are used by name. The one `stat` that reads a path also finds out whether it is trusted (see `statBatch`).
 *
 * Everything else is reached by the shell's own working directory: `cd -P` to the last trusted directory, then to the wanted one in one
 * step. The shell asks the kernel where it is then, so `$PWD` tells whether a link was on the way. What is held so stays the same directory,
 * whoever renames it; names in it are relative. A link that another account created is followed only where it leads to a directory of that same
 * account, which is also the wanted owner: what is done there the account could do itself.
 *
 * A regular file is opened and compared with what `stat` said of its name: afterwards `/proc/self/fd/9` is that file, whatever becomes of
 * the name.
 *
 * - `path_firm PATH` sets `base`, the last part of a path that nobody else can replace, `state` of it (1: nobody else can change it; 2: sticky;
 *   3: others can), `link` where a link of root's comes next, `lord` (`UID:NAME`), the account that can change what comes then.
 * - `path_way PATH` sets `way`, the path without the links that root created, and what `path_firm` says of that.
 * - `path_hold DIR OWNER` makes DIR the working directory. Status 1: it cannot be reached; 3: a link of another account leads elsewhere.
 * - `path_open FILE` opens it as 9. Where that is a pipe by now, which nobody writes into, opening it would take for ever: the (sub)shell is ended
 *   after 5 s, by SIGKILL.
 * - `path_look NAME` sets `s` (what stat says of a name in the working directory), `id` (DEVICE:INODE:LINKS), and `p`, by which it is read.
 *   Status 4: there is no /proc; 5: it changes all the time.
 * - `path_ask NAME OWNER` asks a probe's question, the function `path_here`, about a name in the directory `$d` that is not trusted. It reads
 *   and sets the probe's own `d`, `w`, `s`, `p`, `l`.
 * - `path_whose` says whose directory it is, also where the way ends at what is no directory: a moment later it may be one.
 * - `path_behind PATH OWNER` says what a path leads to, where that is a directory, and where that is.
 * - `path_peek DIR NAME` prints a regular file in a directory that another account may change, and follows nothing.
 * - `path_stale NAME` tells what a killed run left from what somebody else has put there. A run that was killed as it began or ended has left an empty
 *   directory.
 *
 * Each reads `path_me`, the number of the user that scripts run as.
 *
 * Source: path_resolution(7), proc(5) (`/proc/pid/fd`), POSIX.1-2017 `cd -P`, inode(7); tried in dash, busybox sh and bash.
 */
export const walk: Sh = shellFunctions(`path_firm() {
local x r line t m u own IFS
x= r=\${1#/} t=1 base= state= link= lord=
set -- /
while [ -n "$r" ]; do
x=$x/\${r%%/*}; set -- "$@" "$x"
case $r in */*) r=\${r#*/};; *) r=;; esac
done
IFS='
'
for line in $(stat -c '%f:%u:%U' -- "$@" 2>/dev/null); do
m=\${line%%:*} u=\${line#*:}; u=\${u%%:*} own=
case $u in 0|"$path_me") own=1;; esac
case $t$own in 1|11|21) ;; *) lord=\${lord:-\${line#*:}}; break;; esac
case $m in
a*) link=$1; break;;
4*) base=$1
case $own$m in
14*[02468ace][014589cd]) t=1;;
14[2367abef]??) t=2;;
*) t=3 lord=\${line#*:};;
esac;;
*) break;;
esac
shift
done
state=$t
}
path_way() {
local n r b t
way=$1 n=0
while path_firm "$way"; [ -n "$link" ]; do
n=$((n+1)); [ "$n" -le 20 ] || return 1
t=$(readlink -- "$link") || return 1
r=\${way#"$link"} b=\${link%/*} t=\${t%/}
while :; do
case $t in
/*) b= t=\${t#/};;
../*) b=\${b%/*} t=\${t#../};;
..) b=\${b%/*} t=;;
./*) t=\${t#./};;
.) t=;;
*) break;;
esac
done
case /$t/ in */../*|*/./*|?*//*) return 1;; esac
way=$b\${t:+/$t}$r way=\${way:-/}
done
}
path_hold() {
local w r t
path_way "$1" || return 1
w=$way
cd -P -- "\${base:-/}" 2>/dev/null && [ "$PWD" = "$base" ] || return 1
r=\${w#"$base"} r=\${r#/}
[ -n "$r" ] || return 0
cd -P -- "./$r" 2>/dev/null || return 1
[ "$PWD" != "$w" ] || return 0
case $lord in ''|0:*) return 3;; esac
[ "$(stat -c '%u:%U' .)" = "$lord" ] || return 3
case $2 in "\${lord%%:*}"|"\${lord#*:}") return 0;; esac
return 3
}
path_open() {
local me g e
read -r me g </proc/self/stat
( trap 'kill $z; exit' TERM; sleep "\${path_limit:-5}" & z=$!; wait "$z"; kill -9 "$me" ) >/dev/null 2>&1 </dev/null & g=$!
command exec 9<"$1"; e=$?
kill "$g"
return "$e"
}
path_look() {
local i n
n=0 s= id=- p=
while i=$(stat -c '%d:%i:%h %f %s %u %g %U:%G' -- "./$1"); do
s=\${i#* } id=\${i%% *} p=./$1
case $s in 8*) ;; *) return 0;; esac
[ -r "$p" ] || return 0
[ -e /proc/self/fd ] || return 4
if path_open "./$1" && [ "$(stat -L -c %d:%i -- /proc/self/fd/9)" = "\${id%:*}" ]; then p=/proc/self/fd/9; return 0; fi
n=$((n+1)); [ "$n" -le 20 ] || return 5
done 2>/dev/null
s= id=- p=
}
path_ask() {
local e
while [ ! -e "$d" ] && [ ! -L "$d" ]; do w=absent; d=\${d%/*}; d=\${d:-/}; done
path_hold "$d" "$2"; e=$?
[ "$e" != 0 ] || [ "$PWD" = "$d" ] || echo "real \${#d} $PWD"
if [ "$e" = 0 ] && [ "$state" = 1 ] && [ "$PWD" = "$base" ]; then path_here; return; fi
if [ "$e" = 1 ]; then
if [ ! -d "$d" ]; then path_leads "$d"; path_whose; echo "none 0 \${#d} blocked"; return; fi
if [ ! -x "$d" ]; then path_whose; echo "none 0 \${#d} denied"; return; fi
fi
s= id=- p=
if [ "$e" = 0 ] && [ "$w" = dir ]; then b=./ path_kept=path_stale; path_look "$1"; e=$?; fi
case $e in 0) e=ok;; 3) e=link;; 4) e=proc;; 5) e=moving;; *) e=lost;; esac
if [ "$e" = ok ]; then case $(mv --help 2>&1) in *-T*) ;; *) e=mv;; esac; fi
[ -n "$lord" ] || [ "$state" != 2 ] || id="$id sticky"
echo "way $e \${lord:-0:root} $id"
case $e in ok|mv) path_here;; *) echo "none 0 \${#d} dir";; esac
}
path_whose() { [ -z "$lord" ] || echo "way ok $lord -"; }
path_behind() {
path_hold "$1" "$2"
case $? in
0) if [ "$state" = 1 ] && [ "$PWD" = "$base" ]; then stat -c 'to %f %s %u %g %U:%G' .
else stat -c "through \${lord:-0:root} %d:%i:%h %f %s %u %g %U:%G" .; fi; echo "at $PWD";;
3) echo "beyond \${lord:-0:root}";;
esac
}
path_peek() {
path_hold "$1" '' && path_look "$2" && case $s in 8*) cat <"$p";; esac
}
path_stale() {
[ -L "$1" ] || [ ! -d "$1" ] || { [ -O "$1" ] && { [ -f "$1/.rolecall-stage" ] || [ -z "$(ls -A -- "$1" 2>&1)" ]; }; }
}`)
