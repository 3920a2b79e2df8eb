// Made of end-trees.sh by scripts/shell-modules.js. Do not edit.
export const endTrees = `rolecall_end_trees() {
stopped=
for pid in "$@"; do
tries=0
until rolecall_stop_below "$pid" || [ "$tries" -ge 20 ]; do
tries=$((tries + 1))
sleep 0.05
done
done
kill -TERM $stopped 2>/dev/null
kill -KILL "$@" 2>/dev/null
kill -CONT $stopped 2>/dev/null
sleep 0.2
kill -STOP $stopped 2>/dev/null
for pid in $stopped; do rolecall_stop_below "$pid"; done
kill -KILL $stopped 2>/dev/null
:
}
rolecall_stop_below() {
local file child found=
[ -d "/proc/$1" ] || return 0
for file in /proc/"$1"/task/*/children; do
for child in $(cat "$file" 2>/dev/null); do
found=yes
case " $stopped " in *" $child "*) continue ;; esac
kill -STOP "$child" 2>/dev/null || continue
stopped="$stopped $child"
rolecall_stop_below "$child"
rolecall_stop_below "$child"
done
done
[ -n "$found" ]
}`
