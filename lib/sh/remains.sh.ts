// Made of remains.sh by scripts/shell-modules.js. Do not edit.
export const remains = `remains() {
p=self; own=; begun=; waited=0
while { read -r stat <"/proc/$p/stat"; } 2>/dev/null; do
own="$own \${stat%% *} "
set -- \${stat##*) }
begun=\${begun:-\${20}}; p=$2
done
while [ -n "$begun" ] && [ "$waited" -lt 100 ]; do
held=
for p in /proc/[0-9]*; do
for fd in 1 2; do
if [ "$p/fd/$fd" -ef /proc/$$/fd/1 ] || [ "$p/fd/$fd" -ef /proc/$$/fd/2 ]; then
case $own in *" \${p#/proc/} "*) continue;; esac
{ read -r stat <"$p/stat"; } 2>/dev/null || continue
set -- \${stat##*) }
[ "\${20}" -lt "$begun" ] || held=$p
fi
done
done
[ -n "$held" ] || return 0
sleep 0.3
waited=$((waited+1))
done
}`
