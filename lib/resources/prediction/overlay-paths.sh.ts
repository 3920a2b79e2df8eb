// Made of overlay-paths.sh by scripts/shell-modules.js. Do not edit.
export const overlayPaths = `way() {
[ -n "$1" ] && [ ! -d "$t/up$1" ] || return 0
way "\${1%/*}" && mkdir -m 755 -- "$t/up$1" || return 1
[ ! -d "$1" ] || { chmod "$(stat -c %a -- "$1")" "$t/up$1" && chown "$(stat -c %u:%g -- "$1")" "$t/up$1"; }
}
place() {
p=$1 a=\${1%/*}
while [ -n "$a" ] && [ ! -e "$a" ] && [ ! -L "$a" ]; do a=\${a%/*}; done
[ -n "$a" ] && [ -d "$a" ] && [ "$(cd -P -- "$a" && pwd)" = "$a" ] || return 1
case $a in *[!A-Za-z0-9_./@%+=-]*) return 1 ;; esac
way "\${p%/*}" || return 1
case " $tops " in *" $a "*) ;; *) tops="$tops $a" ;; esac
}`
