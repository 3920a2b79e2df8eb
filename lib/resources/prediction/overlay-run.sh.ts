// Made of overlay-run.sh by scripts/shell-modules.js. Do not edit.
export const overlayRun = `mount --make-rprivate / 2>/dev/null
n=0 done=
for d in $(printf '%s\\n' $tops | LC_ALL=C sort); do
for k in $done; do case $d in "$k"/*) continue 2 ;; esac; done
! grep -q "^[^ ]* [^ ]* [^ ]* [^ ]* $d/" /proc/self/mountinfo || { whole=; continue; }
n=$((n + 1))
if mkdir "$t/work$n" && mount -t overlay rolecall -o "lowerdir=$d,upperdir=$t/up$d,workdir=$t/work$n" "$d" 2>/dev/null; then
done="$done $d"
else
whole=
fi
done
[ -z "$whole" ] || printf '%s\\n' "$1"
shift
r=$validation
unset validation t tops whole
eval "$r"`
