# chain PID: which processes a process comes from, itself first. It takes no process.
# Reads: nothing.
# Sets: c, to their numbers with a blank before each; p q k v.
#
# Source: proc(5), /proc/PID/status.
chain() {
  p=$1; c=
  while [ "${p:-0}" -gt 1 ] 2>/dev/null; do
    c="$c $p"; q=0
    while read -r k v; do [ "$k" = PPid: ] && { q=$v; break; }; done 2>/dev/null <"/proc/$p/status"
    p=$q
  done
}
