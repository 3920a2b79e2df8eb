# Asks for one path. `probePath` in path.ts says what is printed.
# Reads: p d b hidden owner group s path_kept w l.
# Sets: c n d w s.
#
# p is the path, d its directory, b the same with a slash at its end, s what the batch of `stat` said of the path. A directory that another account can
# change is walked to by `path_ask`, which calls `path_here` there. The caller defines `path_further`: what is asked besides.
path_here() {
  for c in "$b$hidden"??????; do [ -e "$c" ] && $path_kept "$c" && l=1; done
  if [ -z "$s" ] && [ ! -e "$p" ] && [ ! -L "$p" ]; then
    while [ ! -e "$d" ] && [ ! -L "$d" ]; do w=absent; d=${d%/*}; d=${d:-/}; done
  fi
  if [ -z "$s" ] && [ -d "$d" ] && [ -x "$d" ] && [ ! -e "$p" ] && [ ! -L "$p" ]; then
    echo "none $l ${#d} $w"
  elif [ -n "$s" ] || s=$(stat -c '%f %s %u %g %U:%G %h' -- "$p" 2>&1); then
    n=${s##* }
    case $n in *[!0-9]*) n=1 ;; *) s=${s% *} ;; esac
    echo "have $l $s"
    case $s in 8*) [ "$n" = 1 ] || echo "names $n" ;; esac
  else
    case $s in *': Permission denied') w=denied ;; *) [ -d "$d" ] || { w=blocked && path_leads "$d"; } ;; esac
    echo "none $l ${#d} $w"
    s=
  fi
  case $s in *" $owner:"*) ;; *) path_account user "$owner" /etc/passwd ;; esac
  case $s in *":$group") ;; *) path_account group "$group" /etc/group ;; esac
  path_further
}
# path_leads DIR: says where a link leads that is in the way, as it leads to no directory.
path_leads() {
  [ ! -L "$1" ] || n=$(real_path "$1") || n=
  [ ! -L "$1" ] || [ -z "$n" ] || echo "real ${#1} $n"
}
# path_account TYPE NAME FILE: prints `known TYPE NAME NUMBER` of an account of another name than the path shows: several may share one number. Where the host
# does not know the account it prints `lacks TYPE NAME [NUMBER]`. NUMBER is that of the path, where the account that had it is gone and the next account
# gets it: adduser gives the lowest free one from 100 on (adduser(8), adduser.conf(5)).
path_account() {
  case $2 in '' | *[!0-9]*) ;; *) return 0 ;; esac
  [ -n "$2" ] || return 0
  case $1 in
    user) n=$(id -u -- "$2" 2>/dev/null) ;;
    *)
      n=$(getent group "$2" 2>/dev/null) || n=$(awk -F: -v name="$2" '$1 == name' /etc/group 2>/dev/null)
      n=${n#*:*:}
      n=${n%%:*}
      ;;
  esac
  if [ -n "$n" ]; then
    [ -z "$s" ] || echo "known $1 $2 $n"
    return 0
  fi
  n=
  case $1:$s in
    user:*' UNKNOWN:'*) n=${s#* * } ;;
    group:*:UNKNOWN) n=${s#* * * } ;;
  esac
  n=${n%% *}
  [ -z "$n" ] || [ "$(awk -F: '{ t[$3] = 1 } END { for (n = 100; n in t; n++); print n }' "$3")" = "$n" ] || n=
  echo "lacks $1 $2${n:+ $n}"
}
# path_probe NAME TRUSTED: 1 where only root can change the directory. Without the functions that walk, no directory is checked.
path_probe() {
  if [ "$2" = 1 ] || ! type path_ask >/dev/null 2>&1; then
    path_here
  else
    (path_ask "$1" "$owner")
    [ $? -lt 128 ] || printf 'way moving 0:root -\nnone 0 %s dir\n' ${#d}
  fi
}
