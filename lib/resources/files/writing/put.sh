# put CANDIDATE PATH: renames the one over the other.
# Reads: nothing.
# Sets: nothing.
#
# A symbolic link there is replaced, never followed. An mv without -T (busybox before 1.33) would move the candidate into the directory that a link leads to, so
# there the link is removed first.
put() {
  if [ -e /sys/fs/selinux/enforce ] && [ -f "$2" ]; then chcon --reference="$2" -- "$1" 2>/dev/null; fi
  if [ -L "$2" ]; then
    mv -fT -- "$1" "$2" 2>/dev/null || { rm -f -- "$2" && mv -f -- "$1" "$2"; } || return 1
  elif [ -d "$2" ]; then echo "$2 has become a directory" >&2; return 1
  else mv -f -- "$1" "$2" || return 1; fi
  if [ -e /sys/fs/selinux/enforce ] && command -v restorecon >/dev/null 2>&1; then restorecon -- "$2" >&2; fi
  return 0
}
