# own_streams WORDS...: runs a command with output streams of its own, and passes on what comes through them.
# Reads: nothing.
# Sets: streams relay_out relay_err watchdog status.
#
# The command may leave processes behind, and may be another account's. Whoever holds a stream that answers come in can write into every answer that
# follows, and whoever runs as the account of a process can take its open files from it (pidfd_getfd(2)). Descriptors above 2 are root's business.
own_streams() {
  for streams in /run /dev/shm /tmp; do streams=$(mktemp -d "$streams/rolecall.XXXXXX" 2>/dev/null) && break; done
  if [ -z "$streams" ] || ! mkfifo "$streams/1" "$streams/2"; then
    echo 'no place for a private directory in /run, /dev/shm or /tmp' >&2
    return 1
  fi
  cat <"$streams/1" 5>&- 6>&- & relay_out=$!
  cat <"$streams/2" >&2 5>&- 6>&- & relay_err=$!
  {
    rm -rf -- "$streams"
    ( "$@" ) >&5 2>&6 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
    status=$?
  } 5>"$streams/1" 6>"$streams/2"
  end_relays </dev/null >/dev/null 2>&1 & watchdog=$!
  wait "$relay_out" "$relay_err" 2>/dev/null
  kill "$watchdog" 2>/dev/null
  return "$status"
}
# end_relays: the relays end with the last writer. Where a process that was left behind keeps writing, they are ended a second after the command, and the
# process writes to nobody. A relay that is only slow, as over a slow network, has its time.
end_relays() {
  trap 'kill "$pause"; exit' TERM
  seconds=0 writer=
  while [ -z "$writer" ] && [ "$seconds" -lt 60 ]; do
    sleep 1 & pause=$!
    wait "$pause"
    seconds=$((seconds + 1))
    for fd in /proc/[0-9]*/fd/*; do
      case $fd in "/proc/$relay_out/"* | "/proc/$relay_err/"*) continue ;; esac
      if [ "$fd" -ef "/proc/$relay_out/fd/0" ] || [ "$fd" -ef "/proc/$relay_err/fd/0" ]; then writer=$fd; fi
    done
  done
  kill "$relay_out" "$relay_err"
}
# piped TEXT WORDS...: runs a shell, whose words end with -c, with a text that is longer than one argument or variable may be: 128 KiB, execve(2),
# MAX_ARG_STRLEN. The input of the text stays its own.
piped() {
  {
    printf '%s\n.' "$1" | {
      shift
      # shellcheck disable=SC2016 # the other shell expands it
      "$@" 'step=$(cat 8<&-)
case $step in *.) ;; *) echo "the text of the command did not arrive" >&2; exit 126;; esac
exec <&8 8<&-; eval "${step%.}"'
    }
  } 8<&0
}
