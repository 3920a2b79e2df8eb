# trusted_place PATH ACCOUNT GROUP WHOLE [NAME...]: whether nobody but root, the user that scripts run as, ACCOUNT and the members of GROUP can change PATH or
# a directory on the way to PATH.
# Reads: nothing.
# Sets: trusted_inside, and the arguments.
#
# Prints nothing where that is so. Else it prints `foreign WHY OWNER:GROUP PLACE` and ends with 1: PLACE belongs to another account (`owner`), others may
# write there (`write`), or others may put something there that is not there yet (`new`).
#
# Links that one of these created are followed. Who may write on a device (group `disk`) puts nothing else in the place of the device. A group may write
# where the group has the name of the owner and nobody else in it, as the group of a user alone has, and where no access control list gives more. In a
# directory with the sticky bit counts what one of these has put there.
#
# Source: path_resolution(7), inode(7), acl(5), find(1), stat(1) and ls(1) of coreutils and busybox.
trusted_place() {
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
    left=${way#/} at=
    set -- /
    while [ -n "$left" ]; do
      at=$at/${left%%/*}
      case $left in */*) left=${left#*/};; *) left=;; esac
      set -- "$@" "$at"
    done
    open= to=
    seen=$(stat -c '%f:%u:%U:%G' -- "$@" 2>/dev/null)
    IFS='
'
    for line in $seen; do
      at=$1; shift
      m=${line%%:*} u=${line#*:}; own=${u#*:} u=${u%%:*}; group=${own##*:} own=${own%:*}
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
    # The system itself follows no more than 40.
    n=$((n+1)); [ "$n" -le 40 ] || return 0
    case $to in /*) ;; *) to=${at%/*}/$to;; esac
    for left do to=$to/${left##*/}; done
    way= left=${to#/}
    while [ -n "$left" ]; do
      at=${left%%/*}
      case $left in */*) left=${left#*/};; *) left=;; esac
      case $at in ''|.) ;; ..) way=${way%/*};; *) way=$way/$at;; esac
    done
    way=${way:-/}
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
  # shellcheck disable=SC2086 # its words are tests of find
  at=$(find -H "$@" \( $open -o ! -type l \( -perm -002 -o -perm -020 ! -group 0 ! -group "${sole:-0}" \) \) 2>/dev/null | head -n 1)
  [ -n "$at" ] || at=$(find -H "$@" ! -type l -perm -020 -exec ls -ldn {} + 2>/dev/null | sed -n 's|^.\{10\}+[^/]*/|/|p' | while IFS= read -r at; do
    ! shared_list "$at" "$ours" || { printf '%s\n' "$at"; break; }
  done)
  [ -n "$at" ] || return 0
  u=$(stat -c '%u:%U:%G' -- "$at" 2>/dev/null)
  own=${u#*:} u=${u%%:*}
  case $own in UNKNOWN:*) own=$u:;; esac
  case $ours in *" $u "*) n="write";; *) n="owner";; esac
  echo "foreign $n $own $at"
  return 1
}
# shared_group NAME OURS: whether a group has a member, by name or as the group of its account, whose number is not in OURS. The group of root is root's.
shared_group() {
  [ "$1" != root ] && [ -n "$(awk -F: -v name="$1" -v ours="$2" '
NR == FNR { if ($1 == name) { gid = $3; n = split($4, all, ","); for (i = 1; i <= n; i++) member[all[i]] = 1 } next }
($4 == gid || $1 in member) && !index(ours, " " $3 " ") { print; exit }' /etc/group /etc/passwd 2>/dev/null)" ]
}
# shared_list PATH OURS: whether its access control list lets a group, or an account whose number is not in OURS, write. A list that cannot be read might.
shared_list() {
  case $(ls -ldn -- "$1" 2>/dev/null) in ??????????+*) ;; *) return 1;; esac
  command -v getfacl >/dev/null 2>&1 || return 0
  [ -n "$(getfacl -cpnE -- "$1" 2>/dev/null | awk -F: -v ours="$2" '$2 != "" && $3 ~ /w/ && ($1 == "user" && !index(ours, " " $2 " ") || $1 == "group" && $2 != 0)')" ]
}
