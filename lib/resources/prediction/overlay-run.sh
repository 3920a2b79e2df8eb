# A script of its own in a new mount namespace: mounts an overlay over each directory, and runs the validation there. Its one argument is printed first
# when everything pending is in its place. An overlay would hide what is mounted below its directory, so there is none over such a directory.
# Reads: validation, the script to run; t, the private directory of the overlay; tops, the directories; whole, empty when something cannot be shown.
# Sets: n done d k r.
#
# Source: mount(8), overlayfs in Linux's own documentation.
mount --make-rprivate / 2>/dev/null
n=0 done=
# shellcheck disable=SC2086 # The names hold no blank and no pattern.
for d in $(printf '%s\n' $tops | LC_ALL=C sort); do
  for k in $done; do case $d in "$k"/*) continue 2 ;; esac; done
  ! grep -q "^[^ ]* [^ ]* [^ ]* [^ ]* $d/" /proc/self/mountinfo || { whole=; continue; }
  n=$((n + 1))
  if mkdir "$t/work$n" && mount -t overlay rolecall -o "lowerdir=$d,upperdir=$t/up$d,workdir=$t/work$n" "$d" 2>/dev/null; then
    done="$done $d"
  else
    whole=
  fi
done
[ -z "$whole" ] || printf '%s\n' "$1"
shift
r=$validation
unset validation t tops whole
eval "$r"
