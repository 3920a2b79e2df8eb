// Made of report-lock.sh by scripts/shell-modules.js. Do not edit.
export const reportLock = `rolecall_report_lock() {
echo "lock=$rolecall_lock"
[ "$rolecall_lock" = busy ] || return 0
who=; holder=; was=
{ read -r who; read -r holder; IFS= read -r was; } <"$rolecall_file"
echo "holder=$who"
chain "$holder"
[ "$c" = "$was" ] || echo orphan=yes
if [ -r "/proc/$holder/task/$holder/children" ] && [ -z "$(cat "/proc/$holder/task/$holder/children")" ] &&
[ -n "$(find "$rolecall_file" -mmin +"$1")" ]; then kill "$holder"; fi
}`
