// Made of take-lock.sh by scripts/shell-modules.js. Do not edit.
export const takeLock = `rolecall_take_lock() {
rolecall_lock=none; rolecall_file=
command -v flock >/dev/null 2>&1 || return 0
for d in /run/rolecall /var/run/rolecall own "$HOME/.rolecall"; do
[ "$d" != own ] || d=/run/user/$(id -u)/rolecall
[ -d "$d" ] || mkdir -m 700 "$d" 2>/dev/null
f=$d/lock
if [ -d "$d" ] && [ -w "$d" ] && true 2>/dev/null >>"$f"; then rolecall_file=$f; break; fi
done
[ -n "$rolecall_file" ] || return 0
exec 9>>"$f"
if flock -n 9; then
rolecall_lock=held
chain $$
printf '%s\\n' "$1" "$$" "$c" >"$f"
return 0
fi
exec 9>&-
rolecall_lock=busy
c=; read -r c <"$f"
case $c in *"$2"*) rolecall_lock=shared ;; esac
}`
