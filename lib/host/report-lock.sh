# rolecall_report_lock MINUTES: prints whether the lock was acquired, and otherwise who holds it. When the ancestors of the holder's shell have changed,
# its connection is gone. A holder whose controller died without closing the connection (no power, no network) is known by its silence: an idle one that
# has given no sign of life for MINUTES is killed here.
# Reads: rolecall_lock and rolecall_file, as rolecall_take_lock sets them in the same shell; c, as chain sets it.
# Sets: who holder was. Calls chain.
#
# Source: proc(5), /proc/PID/task/TID/children.
rolecall_report_lock() {
  echo "lock=$rolecall_lock"
  [ "$rolecall_lock" = busy ] || return 0
  who=; holder=; was=
  { read -r who; read -r holder; IFS= read -r was; } <"$rolecall_file"
  echo "holder=$who"
  chain "$holder"
  [ "$c" = "$was" ] || echo orphan=yes
  if [ -r "/proc/$holder/task/$holder/children" ] && [ -z "$(cat "/proc/$holder/task/$holder/children")" ] &&
    [ -n "$(find "$rolecall_file" -mmin +"$1")" ]; then kill "$holder"; fi
}
