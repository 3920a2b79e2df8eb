# rolecall_take_lock HOLDER RUN: acquires the host's lock with flock(1) on a file that only this shell has open. However the shell ends, the lock ends
# with it, and a file that is left behind means nothing. HOLDER is the text about the run that the file gets, RUN the part of it that names the run.
# root's lock is in /run, another user's in its own runtime directory or home: no user's processes can hold up those of another.
# Reads: HOME.
# Sets: rolecall_lock, to held, shared (by the same run), busy or none; rolecall_file, to the path of the file; d f c. Calls chain.
#
# Source: flock(1), flock(2).
rolecall_take_lock() {
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
    printf '%s\n' "$1" "$$" "$c" >"$f"
    return 0
  fi
  exec 9>&-
  rolecall_lock=busy
  c=; read -r c <"$f"
  case $c in *"$2"*) rolecall_lock=shared ;; esac
}
