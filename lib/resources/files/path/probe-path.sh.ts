// Made of probe-path.sh by scripts/shell-modules.js. Do not edit.
export const probePath = `path_here() {
for c in "$b$hidden"??????; do [ -e "$c" ] && $path_kept "$c" && l=1; done
if [ -z "$s" ] && [ ! -e "$p" ] && [ ! -L "$p" ]; then
while [ ! -e "$d" ] && [ ! -L "$d" ]; do w=absent; d=\${d%/*}; d=\${d:-/}; done
fi
if [ -z "$s" ] && [ -d "$d" ] && [ -x "$d" ] && [ ! -e "$p" ] && [ ! -L "$p" ]; then
echo "none $l \${#d} $w"
elif [ -n "$s" ] || s=$(stat -c '%f %s %u %g %U:%G %h' -- "$p" 2>&1); then
n=\${s##* }
case $n in *[!0-9]*) n=1 ;; *) s=\${s% *} ;; esac
echo "have $l $s"
case $s in 8*) [ "$n" = 1 ] || echo "names $n" ;; esac
else
case $s in *': Permission denied') w=denied ;; *) [ -d "$d" ] || { w=blocked && path_leads "$d"; } ;; esac
echo "none $l \${#d} $w"
s=
fi
case $s in *" $owner:"*) ;; *) path_account user "$owner" /etc/passwd ;; esac
case $s in *":$group") ;; *) path_account group "$group" /etc/group ;; esac
path_further
}
path_leads() {
[ ! -L "$1" ] || n=$(real_path "$1") || n=
[ ! -L "$1" ] || [ -z "$n" ] || echo "real \${#1} $n"
}
path_account() {
case $2 in '' | *[!0-9]*) ;; *) return 0 ;; esac
[ -n "$2" ] || return 0
case $1 in
user) n=$(id -u -- "$2" 2>/dev/null) ;;
*)
n=$(getent group "$2" 2>/dev/null) || n=$(awk -F: -v name="$2" '$1 == name' /etc/group 2>/dev/null)
n=\${n#*:*:}
n=\${n%%:*}
;;
esac
if [ -n "$n" ]; then
[ -z "$s" ] || echo "known $1 $2 $n"
return 0
fi
n=
case $1:$s in
user:*' UNKNOWN:'*) n=\${s#* * } ;;
group:*:UNKNOWN) n=\${s#* * * } ;;
esac
n=\${n%% *}
[ -z "$n" ] || [ "$(awk -F: '{ t[$3] = 1 } END { for (n = 100; n in t; n++); print n }' "$3")" = "$n" ] || n=
echo "lacks $1 $2\${n:+ $n}"
}
path_probe() {
if [ "$2" = 1 ] || ! type path_ask >/dev/null 2>&1; then
path_here
else
(path_ask "$1" "$owner")
[ $? -lt 128 ] || printf 'way moving 0:root -\\nnone 0 %s dir\\n' \${#d}
fi
}`
