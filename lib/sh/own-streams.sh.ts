// Made of own-streams.sh by scripts/shell-modules.js. Do not edit.
export const ownStreams = `own_streams() {
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
piped() {
{
printf '%s\\n.' "$1" | {
shift
"$@" 'step=$(cat 8<&-)
case $step in *.) ;; *) echo "the text of the command did not arrive" >&2; exit 126;; esac
exec <&8 8<&-; eval "\${step%.}"'
}
} 8<&0
}`
