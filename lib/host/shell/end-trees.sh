# rolecall_end_trees PID...: ends what the shells PID run, with all descendants, and the shells. A process is stopped before its children are looked up:
# one that runs could start another meanwhile, and nobody finds a child whose parent has ended. The shells are not stopped, because a sudo or su that
# waits for one would stop with it. Each runs one request, and starts nothing else while that is stopped.
# Reads: nothing.
# Sets: stopped pid tries.
#
# Source: proc(5), /proc/PID/task/TID/children; _exit(2): when a shell ends, the kernel continues what is stopped in its process group. So the shells end
# only when the signal that ends their children is already waiting for these.
# shellcheck disable=SC2086 # stopped is a list of numbers
rolecall_end_trees() {
  stopped=
  for pid in "$@"; do
    tries=0
    # A request that was sent a moment ago may not have begun.
    until rolecall_stop_below "$pid" || [ "$tries" -ge 20 ]; do
      tries=$((tries + 1))
      sleep 0.05
    done
  done
  kill -TERM $stopped 2>/dev/null
  kill -KILL "$@" 2>/dev/null
  kill -CONT $stopped 2>/dev/null
  sleep 0.2
  # Whoever is told to end may have started something to tidy up.
  kill -STOP $stopped 2>/dev/null
  for pid in $stopped; do rolecall_stop_below "$pid"; done
  kill -KILL $stopped 2>/dev/null
  :
}
# rolecall_stop_below PID: stops all descendants of a process. Fails where the process is there and has none.
rolecall_stop_below() {
  local file child found=
  [ -d "/proc/$1" ] || return 0
  for file in /proc/"$1"/task/*/children; do
    # shellcheck disable=SC2013 # numbers on one line
    for child in $(cat "$file" 2>/dev/null); do
      found=yes
      case " $stopped " in *" $child "*) continue ;; esac
      kill -STOP "$child" 2>/dev/null || continue
      stopped="$stopped $child"
      # Twice: a child that was being started when the signal came is listed by now.
      rolecall_stop_below "$child"
      rolecall_stop_below "$child"
    done
  done
  [ -n "$found" ]
}
