import { sh, type Sh } from '../../../sh/quote.ts'

/** What of a project decides which files compose reads. */
interface Project {
  readonly project: string
  /** Empty: those of the usual names that are there. */
  readonly files: readonly string[]
}

/**
 * `docker-compose` is Python, and its digests of a project cost 0.3 s of CPU: what it has said is kept in `/run/rolecall`, beside the lock, with the
 * identity of all that it has read. This leaves it in `$kept`, when all of that is the same still, and otherwise in `$memo` where the next answer
 * belongs; empty: nowhere, because it cannot be said what is read.
 *
 * It reads its files and those that `env_file` names, `.env` for the values of `$` in them, and its environment, of which only what
 * differs with each login is left out. A file says the same while device, inode, size and both times, to the nanosecond, are the same. What has a
 * `$`, `extends` or another way to name a file is not kept.
 *
 * Needs `$tool`, and `$there` for the directory that it is in.
 *
 * Source: Compose file reference, `env_file`, `extends`, `include`, `label_file`; docker-compose(1), `COMPOSE_FILE`.
 */
export function recall({ project, files }: Project, usual: readonly string[]): Sh {
  return sh`memo=/run/rolecall/compose-${project} kept= now= refs=
[ $tool = v1 ] && [ -n "$there" ] && [ -w /run/rolecall ] && [ -z "$COMPOSE_FILE" ] || memo=
identity() {
echo "$PWD"
(unset SSH_CLIENT SSH_CONNECTION SSH_TTY SUDO_COMMAND XDG_SESSION_ID; export -p) | sha256sum
stat -L -c '%n %d %i %s %.9Y %.9Z' -- "$(command -v docker-compose)" "$@" 2>/dev/null
}
set --; for f in ${files.length > 0 ? files : usual}; do [ ! -e "$f" ] || set -- "$@" "$f"; done
[ $# -gt 0 ] || memo=
[ ! -e .env ] || set -- "$@" .env
if [ -n "$memo" ] && [ -r "$memo" ]; then
{ IFS= read -r refs; kept=$(cat); } <"$memo"
now=$(identity "$@" $refs)
case $kept in "$now
.
"*) kept=\${kept#"$now
.
"};; *) kept=;; esac
fi
if [ -n "$memo" ] && [ -z "$kept" ]; then
refs=$(awk ${READS} "$@") && now=$(identity "$@" $refs) || memo=
# busybox knows whole seconds only, in which much may happen.
case $now in *.?????????) ;; *) memo=;; esac
fi
# A container that was made from something else is compose's business.
agrees() {
made=
while read -r w s t h d x; do
case "
$kept
" in *"
$s $d
"*) made="$made $s ";; *) return 1;; esac; done <<EOF
$c
EOF
while read -r s d; do case $made in *" $s "*) ;; *) return 1;; esac; done <<EOF
$kept
EOF
}
keep() { [ -z "$memo" ] || { umask 077; printf '%s\\n' "$refs" "$now" . "$1" >"$memo.new" && mv "$memo.new" "$memo"; } 2>/dev/null || :; }`
}

/** Prints the files that `env_file` names, in YAML or in JSON; fails where something else may be read. */
const READS = String.raw`
FILENAME == ".env" { if (/COMPOSE_/ && !/^COMPOSE_PROJECT_NAME=/) other = 1; next }
/^ *#/ { next }
{ gsub(/\$\$|["\047]/, ""); sub(/, *$/, "") }
/\$|extends|include|label_file/ { other = 1 }
/env_file/ {
  listed = /^ *env_file: *\[?$/
  bare = /\[$/
  if (!listed) { if (/^ *env_file: +[A-Za-z0-9_.\/-]+ *$/) printf "%s ", $2; else other = 1 }
  next
}
listed && bare && /^ *\]$/ { listed = 0; next }
listed && (bare || /^ *-/) { if (/^ *(- +)?[A-Za-z0-9_.\/-]+ *$/) printf "%s ", $NF; else other = 1; next }
{ listed = 0 }
END { exit other }`
