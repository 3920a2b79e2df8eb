// Made of trusted-place.sh by scripts/shell-modules.js. Do not edit.
export const trustedPlace = `trusted_place() {
local way user all me id left at n seen ours line m u own group open to sole bad IFS
way=$1 user=$2 all=$4 n=0 me=$(id -u) id= sole= ours=
[ -z "$3" ] || for at in $(sed -n "s/^$3:.*://p" /etc/group | tr , ' '); do ours="$ours $(id -u -- "$at" 2>/dev/null)"; done
shift 4
[ -z "$user" ] || id=$(id -u -- "$user" 2>/dev/null)
ours=" 0 $me $id $ours "
trusted_inside=
for at do trusted_inside="$trusted_inside
$at"; done
while :; do
left=\${way#/} at=
set -- /
while [ -n "$left" ]; do
at=$at/\${left%%/*}
case $left in */*) left=\${left#*/};; *) left=;; esac
set -- "$@" "$at"
done
open= to=
seen=$(stat -c '%f:%u:%U:%G' -- "$@" 2>/dev/null)
IFS='
'
for line in $seen; do
at=$1; shift
m=\${line%%:*} u=\${line#*:}; own=\${u#*:} u=\${u%%:*}; group=\${own##*:} own=\${own%:*}
[ "$own" != UNKNOWN ] || own=$u
case $ours in *" $u "*) ;; *) echo "foreign owner $own:$group $at"; return 1;; esac
open=
case $m in
a*) to=$(readlink -- "$at"); break;;
esac
case $m in
[26]???) bad=;;
*[2367abef]) bad=1;;
*[13579bdf]?) bad=1; [ "$own" != "$group" ] || shared_group "$group" "$ours" || shared_list "$at" "$ours" || bad=;;
*) bad=;;
esac
[ -z "$bad" ] || case $m in
4[2367abef]??) open=$at;;
*) echo "foreign write $own:$group $at"; return 1;;
esac
done
unset IFS
[ -n "$to" ] || break
n=$((n+1)); [ "$n" -le 40 ] || return 0
case $to in /*) ;; *) to=\${at%/*}/$to;; esac
for left do to=$to/\${left##*/}; done
way= left=\${to#/}
while [ -n "$left" ]; do
at=\${left%%/*}
case $left in */*) left=\${left#*/};; *) left=;; esac
case $at in ''|.) ;; ..) way=\${way%/*};; *) way=$way/$at;; esac
done
way=\${way:-/}
done
[ -z "$open" ] || { echo "foreign new $own:$group $open"; return 1; }
[ -d "$way" ] || return 0
[ -z "$id" ] || [ "$(id -gn -- "$user" 2>/dev/null)" != "$user" ] || shared_group "$user" "$ours" || sole=$(id -g -- "$user")
IFS='
'
set -f
if [ -n "$all" ]; then set -- "$way"; else set --; for at in $trusted_inside; do [ ! -e "$way/$at" ] || set -- "$@" "$way/$at"; done; fi
set +f
unset IFS
[ $# != 0 ] || return 0
open=
for at in $ours; do open="$open ! -user $at"; done
at=$(find -H "$@" \\( $open -o ! -type l \\( -perm -002 -o -perm -020 ! -group 0 ! -group "\${sole:-0}" \\) \\) 2>/dev/null | head -n 1)
[ -n "$at" ] || at=$(find -H "$@" ! -type l -perm -020 -exec ls -ldn {} + 2>/dev/null | sed -n 's|^.\\{10\\}+[^/]*/|/|p' | while IFS= read -r at; do
! shared_list "$at" "$ours" || { printf '%s\\n' "$at"; break; }
done)
[ -n "$at" ] || return 0
u=$(stat -c '%u:%U:%G' -- "$at" 2>/dev/null)
own=\${u#*:} u=\${u%%:*}
case $own in UNKNOWN:*) own=$u:;; esac
case $ours in *" $u "*) n="write";; *) n="owner";; esac
echo "foreign $n $own $at"
return 1
}
shared_group() {
[ "$1" != root ] && [ -n "$(awk -F: -v name="$1" -v ours="$2" '
NR == FNR { if ($1 == name) { gid = $3; n = split($4, all, ","); for (i = 1; i <= n; i++) member[all[i]] = 1 } next }
($4 == gid || $1 in member) && !index(ours, " " $3 " ") { print; exit }' /etc/group /etc/passwd 2>/dev/null)" ]
}
shared_list() {
case $(ls -ldn -- "$1" 2>/dev/null) in ??????????+*) ;; *) return 1;; esac
command -v getfacl >/dev/null 2>&1 || return 0
[ -n "$(getfacl -cpnE -- "$1" 2>/dev/null | awk -F: -v ours="$2" '$2 != "" && $3 ~ /w/ && ($1 == "user" && !index(ours, " " $2 " ") || $1 == "group" && $2 != 0)')" ]
}`
