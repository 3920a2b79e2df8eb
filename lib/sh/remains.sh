# remains: waits, for up to 30 s, for processes that a failed section left behind.
# Reads: nothing.
# Sets: p own begun waited held stat fd, and the arguments.
#
# They may go on printing into the stream that the answers come in, as do the children of a script that is killed: they would be read as answers. They
# began after this shell did, and are none of those it comes from. A process group of their own they have only where timeout(1) gives them one, and
# that of busybox does not. The streams of this shell stay as they are while it looks: pointed at /dev/null they would be those of every daemon.
#
# Source: proc(5), /proc/PID/stat: behind the name, field 4 is the parent and field 22 when it began.
remains() {
  p=self; own=; begun=; waited=0
  while { read -r stat <"/proc/$p/stat"; } 2>/dev/null; do
    own="$own ${stat%% *} "
    # shellcheck disable=SC2086 # its fields become the arguments
    set -- ${stat##*) }
    begun=${begun:-${20}}; p=$2
  done
  while [ -n "$begun" ] && [ "$waited" -lt 100 ]; do
    held=
    for p in /proc/[0-9]*; do
      for fd in 1 2; do
        if [ "$p/fd/$fd" -ef /proc/$$/fd/1 ] || [ "$p/fd/$fd" -ef /proc/$$/fd/2 ]; then
          case $own in *" ${p#/proc/} "*) continue;; esac
          { read -r stat <"$p/stat"; } 2>/dev/null || continue
          # shellcheck disable=SC2086 # its fields become the arguments
          set -- ${stat##*) }
          [ "${20}" -lt "$begun" ] || held=$p
        fi
      done
    done
    [ -n "$held" ] || return 0
    sleep 0.3
    waited=$((waited+1))
  done
}
