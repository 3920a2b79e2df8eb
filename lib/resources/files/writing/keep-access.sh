# What a file has beside owner and mode, for the file that takes its place.
# Reads: nothing.
# Sets: acl, to the reason when an access control list cannot be kept; w, what cp said.
#
# The ls of busybox does not show whether there is a list, and a host with no tool for one has hardly ever set one.
#
# Source: acl(5), xattr(7), capabilities(7); cp(1), ls(1) of coreutils; getfacl(1), setfacl(1).

# keep CANDIDATE PATH: for an empty candidate, where something in the directory has an access control list. The candidate gets the list of the file, or
# none where the file has none: it may have inherited one from its directory. Until it gets its mode, nobody but its owner has any right through it,
# because the middle digit of the mode is the mask of the list.
keep() {
  if [ -f "$2" ] && [ ! -L "$2" ]; then
    if listed "$2" || listed "$1"; then
      cp --attributes-only --preserve=mode -- "$2" "$1" 2>/dev/null ||
        { command -v setfacl && getfacl -p -- "$2" | setfacl --set-file=- -- "$1"; } >/dev/null 2>&1 ||
        { acl="the access control list of $2 cannot be kept: the host has neither cp of coreutils nor setfacl"; return 1; }
  fi; fi
  chmod 0600 -- "$1"
}
# listed PATH: whether it has an access control list.
listed() {
  case $(ls -ld -- "$1") in ??????????+*) return 0;; esac
  ! ls --version >/dev/null 2>&1 && command -v getfacl >/dev/null 2>&1 && [ -n "$(getfacl -cs -- "$1" 2>/dev/null)" ]
}
# attributes CANDIDATE PATH: copies extended attributes, capabilities among them, to a candidate that is complete: a write takes these away. Where the
# candidate has its name already there is nothing to copy.
attributes() {
  [ -f "$1" ] && [ -f "$2" ] && [ ! -L "$2" ] || return 0
  w=$(cp --attributes-only --preserve=xattr -- "$2" "$1" 2>&1) && return 0
  case $w in *option*|*'without xattr'*) command -v getfattr >/dev/null 2>&1 && [ -n "$(getfattr -m - -- "$2" 2>/dev/null)" ] || return 0;; esac
  echo "the extended attributes of $2 cannot be kept: $w" >&2; return 1
}
