# The upper tree of an overlay, `$t/up`: what will be at a path is made there.
# way DIR: makes a directory in the upper tree, with those above it. One that is on the host keeps its owner and mode.
# place PATH: makes the way to a path, and notes the nearest directory above that is on the host: an overlay is mounted there. It fails where that is / or
# is reached through a symbolic link, because the overlay would show something else, and where mount(8) could not be given the name.
# Reads: t, the private directory of the overlay.
# Sets: p, the path; tops, the directories for overlays, a blank before each; a.
way() {
  [ -n "$1" ] && [ ! -d "$t/up$1" ] || return 0
  way "${1%/*}" && mkdir -m 755 -- "$t/up$1" || return 1
  [ ! -d "$1" ] || { chmod "$(stat -c %a -- "$1")" "$t/up$1" && chown "$(stat -c %u:%g -- "$1")" "$t/up$1"; }
}
place() {
  p=$1 a=${1%/*}
  while [ -n "$a" ] && [ ! -e "$a" ] && [ ! -L "$a" ]; do a=${a%/*}; done
  [ -n "$a" ] && [ -d "$a" ] && [ "$(cd -P -- "$a" && pwd)" = "$a" ] || return 1
  case $a in *[!A-Za-z0-9_./@%+=-]*) return 1 ;; esac
  way "${p%/*}" || return 1
  case " $tops " in *" $a "*) ;; *) tops="$tops $a" ;; esac
}
