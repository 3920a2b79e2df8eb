# Brings candidates of files to their names, and says why one could not be written.
# Reads: bad, the number of the write that failed; taken, the number of the candidate whose name was taken; acl, w, plus, of keep-access.sh; owned, renamed.
# Sets: renamed, when a whole group has its names; w, what was said of the last failure.

look() { :; }

# why AT CANDIDATE PATH SIZE: says why a write failed. The shell's own printf says no more than "I/O error", so the write is tried again. A file in the
# candidate's place that this script has not made is not touched.
why() {
  if [ -n "$acl" ]; then echo "$acl" >&2; return; fi
  if [ "$taken" != "$1" ]; then
    w=$(dd if=/dev/zero of="$2" bs=65536 count=2 oflag=append conv=notrunc 2>&1) && w="received less than $4 bytes"
  elif [ -z "$w" ] && w=$(mktemp "$2.XXXXXX" 2>&1); then rm -f -- "$w"; w="$2 is there already"; fi
  echo "cannot write $3: $w" | grep -v ' records \(in\|out\)$' >&2
}

# one AT CANDIDATE PATH SIZE OWNER MODE: renames a candidate to its path.
one() {
  m s "$1"
  if [ "$bad" = "$1" ]; then why "$@"; m e "$1" 1; return 1; fi
  [ -n "$owned" ] || set_owner "$2" "$4" "$5" "$6" || { m e "$1" 1; return 1; }
  look "$2" "$3" && attributes "$2" "$3" && { { [ -n "$renamed" ] && [ ! -e "$2" ] && [ -f "$3" ]; } || put "$2" "$3" || false; }; r=$?
  m e "$1" "$r"; return "$r"
}

# rename_group DIR CANDIDATE...: renames a whole group with one mv, unless one of the names is taken. SELinux has to label each file by itself.
rename_group() {
  [ -n "$owned" ] && [ ! -e /sys/fs/selinux/enforce ] || return 0
  dir=$1; shift
  for c do c=$dir/${c##*/}; if [ -e "$c" ] || [ -L "$c" ]; then return 0; fi; done
  mv -f -t "$dir" -- "$@" 2>/dev/null
  renamed=1
}

# set_owner CANDIDATE SIZE OWNER MODE: gives a candidate its owner and mode once it is whole.
set_owner() {
  if ! { n=$(stat -c %s -- "$1") && [ "$n" = "$2" ]; }; then echo "received $n of $2 bytes" >&2; return 1; fi
  [ -z "$3" ] || chown -- "$3" "$1" || return 1
  chmod -- "$4" "$1" && sync "$1"
}
