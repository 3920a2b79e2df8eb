// Made of wait-until-up.sh by scripts/shell-modules.js. Do not edit.
export const waitUntilUp = `assess() {
bad= sick=
for s in "$@"; do
seen=
while read -r service state health started name restarts; do
[ "$service" = "$s" ] || continue
seen=1
case "$state $health" in
'running -' | 'running healthy') ;;
*)
sick=\${sick:-$name}; w="$s: $state"
[ "$health" = - ] || w="$w, $health"
[ "$restarts" = 0 ] || w="$w, restarted $restarts times"
bad="$bad$w
"
;;
esac
done <<EOF
$now
EOF
[ -n "$seen" ] || bad="$bad$s: no container
"
done
}
wait_until_up() {
project=$1 seconds=$2
shift 2
end=$(($(date +%s) + seconds)) last=
while :; do
now=$(look)
assess "$@"
if [ -z "$bad" ] && [ "$now" = "$last" ]; then return 0; fi
[ "$(date +%s)" -lt "$end" ] || break
last=$now
sleep 1
done
[ -n "$bad" ] || bad="its containers are started again and again
"
{
echo "$project is not up after $seconds s:"
printf '%s' "$bad" | head -n 12
if [ -n "$sick" ]; then
echo "last words of \${sick#/}:"
docker inspect -f '{{if .State.Health}}{{range .State.Health.Log}}{{.Output}}{{end}}{{end}}' "$sick" 2>/dev/null | tail -n 2
docker logs --tail 5 "$sick" 2>&1
fi
} >&2
return 1
}`
