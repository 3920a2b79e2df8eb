import { lines, raw, sh, type Sh } from '../../../sh/quote.ts'
import { stoppedAt } from '../../systemd/service/start.ts'
import type { HostPattern } from '../../kit/host-pattern.ts'

/** What is waited for. */
export type Condition =
  | { readonly type: 'port'; readonly host: string; readonly port: number }
  | { readonly type: 'url'; readonly url: string; readonly status: number; readonly body: HostPattern | undefined }
  | { readonly type: 'file'; readonly path: string; readonly contains: HostPattern | undefined }

/** Where a listener of this very host is told by the kernel. */
const LOCAL = /^(127\.0\.0\.1|localhost|::1)$/

/**
 * Defines `look`: 0 when the condition holds, 1 when it does not, 2 when nothing on the host can ask; `$last` is what was seen.
 *
 * bash answers about a port at once and in words; `curl telnet:` waits for a server that says nothing, so it comes later.
 * Source: bash(1) (`/dev/tcp`), nc(1), curl(1) (`time_connect`), proc(5) (`net/tcp`: state 0A is LISTEN), wget(1), grep(1).
 */
export function lookAt(condition: Condition): Sh {
  switch (condition.type) {
    case 'port':
      return port(condition.host, condition.port)
    case 'url':
      return url(condition.url, condition.status, condition.body)
    case 'file':
      return file(condition.path, condition.contains)
  }
}

function port(host: string, number: number): Sh {
  const hex = number.toString(16).toUpperCase().padStart(4, '0')
  // A connection to a socket of systemd starts its unit, and a probe may start nothing. So a socket that already listens is not connected to.
  const listens = LOCAL.test(host)
    ? sh`cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -Eq ${`^ *[0-9]+: (0{8}|0100007F|0{32}|0{24}01000000|0{16}FFFF00000100007F):${hex} [0-9A-F]+:[0-9A-F]+ 0A `} && { last=open; return 0; }`
    : raw(':')
  const own = raw(LOCAL.test(host) ? "last='nobody listens'; return 1" : "last='nothing to ask with'; return 2")
  return sh`look() {
${listens}
if command -v bash >/dev/null 2>&1 && command -v timeout >/dev/null 2>&1; then
last=$(timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/$1"' ${host} ${number} 2>&1); r=$?
elif command -v nc >/dev/null 2>&1 && nc -h 2>&1 | grep -q -e '-z'; then
last=$(nc -w 5 -z ${host} ${number} 2>&1); r=$?
elif command -v curl >/dev/null 2>&1; then
last=$(curl -gsS -m 5 -o /dev/null -w '%{time_connect}' ${`telnet://${host.includes(':') ? `[${host}]` : host}:${number}`} </dev/null 2>&1); r=$?
case $last in *0.000000*) ;; *) r=0;; esac
else ${own}; fi
[ $r != 0 ] || { last=open; return 0; }
case $last in *refused*) last='connection refused';; *nreachable*) last='no route to it';; *imed*out* | '') last='no answer within 5 s';;
*nown*|*resolve*) last="its name is not known";; *) last=$(printf '%s\\n' "$last" | head -n 1);; esac
[ $r != 124 ] || last='no answer within 5 s'
return 1
}`
}

function url(address: string, status: number, body: HostPattern | undefined): Sh {
  return sh`look() {
nl='
'
if command -v curl >/dev/null 2>&1; then
out=$(curl -gsS -m 10 ${raw(body === undefined ? '-o /dev/null' : '')} -w '\\n%{http_code}' -- ${address} 2>&1)
code=\${out##*"$nl"} out=\${out%"$nl"*}
[ "$code" != 000 ] || { last=\${out#curl: (*) }; return 1; }
elif command -v wget >/dev/null 2>&1; then
case $(wget --version 2>/dev/null) in *GNU*) more='-t 1 --max-redirect=0 --content-on-error';; *) more=;; esac
out=$(timeout 10 wget -S $more -O /dev/null ${address} 2>&1); r=$?
code=$(printf '%s\\n' "$out" | sed -n 's|.*HTTP/[0-9.]* \\([0-9][0-9][0-9]\\).*|\\1|p' | tail -n 1)
[ $r != 0 ] || code=\${code:-200}
[ -n "$code" ] || { last=$(printf '%s\\n' "$out" | tail -n 1); [ $r != 124 ] && [ $r != 143 ] || last='no answer within 10 s'; return 1; }
${body === undefined ? raw('') : sh`out=$(timeout 10 wget -q $more -O - ${address} 2>/dev/null)`}
else last='nothing to ask with'; return 2; fi
last="HTTP $code"
[ "$code" = ${status} ] || return 1
${body === undefined ? raw('') : sh`printf '%s\\n' "$out" | ${grep(body)} || { last="$last, and no line of its body matches "${body.shown}; return 1; }`}
return 0
}`
}

function file(path: string, contains: HostPattern | undefined): Sh {
  const matches =
    contains === undefined
      ? raw('')
      : sh`[ -f ${path} ] && [ -r ${path} ] || { last='it is not a file that can be read'; return 1; }
timeout 10 ${grep(contains)} -- ${path} || { last=${`no line of it matches ${contains.shown}`}; return 1; }`
  return sh`look() {
[ -e ${path} ] || { last='file not there'; return 1; }
${matches}
last='there'; return 0
}`
}

function grep({ extended, ignoreCase }: HostPattern): Sh {
  return sh`grep -E -q ${raw(ignoreCase ? '-i' : '')} -e ${extended}`
}

/**
 * Defines `starts`: when each unit last started and last stopped, on the clock that nobody sets. Of one that systemd has forgotten since, it is known when
 * Rolecall has stopped it.
 *
 * Source: org.freedesktop.systemd1(5).
 */
export function startsOf(units: readonly string[]): Sh {
  return sh`starts() { for u in ${units}; do
{ systemctl show -p InactiveExitTimestampMonotonic -p InactiveEnterTimestampMonotonic -- "$u" 2>/dev/null | sort; sed 's/^/Stopped=/' ${stoppedAt('')}"$u" 2>/dev/null; } | tr '\\n' ' '; done; }`
}

/**
 * Tells of `units` whether each start and stop of one was `seen` by a wait that was then over, or was `earlier` than this run; nothing of
 * one in this run that no wait has seen. A run has one shell on the host: what is newer than that shell is of this run. Both clocks count from the
 * boot; where that of the shell cannot be read, only what was seen counts.
 *
 * Source: proc(5), `stat`: field 22, in hundredths of a second; org.freedesktop.systemd1(5), in millionths.
 */
export function movesOf(units: readonly string[], mark: string): Sh {
  return lines(
    startsOf(units),
    sh`moves() {
now=$(starts)
[ ! -f ${mark} ] || [ "$(cat ${mark})" != "$now" ] || { echo seen; return; }
{ read -r stat </proc/$$/stat; } 2>/dev/null || return
set -- \${stat##*) }
[ $# -ge 20 ] || return
shift 19; began=$1
for each in $now; do [ "\${each##*=}" -lt "\${began}0000" ] || return; done
echo earlier
}
moves`,
  )
}

/** Looks again and again until the condition holds (or `absent`: does not), and says what it sees meanwhile. */
export function waiting(condition: Condition, absent: boolean, deadline: number): Sh {
  return lines(
    lookAt(condition),
    sh`up() { read -r now _ </proc/uptime; now=\${now%%.*}; }
up; began=$now said= told=0
while :; do
look; r=$?
[ $r != 2 ] || { echo "$last" >&2; exit 1; }
[ $r != ${absent ? 1 : 0} ] || break
up
[ $((now - began)) -lt ${deadline} ] || { echo "gave up after $((now - began)) s; last seen: $last" >&2; exit 1; }
if [ "$last" != "$said" ] || [ $((now - told)) -ge 10 ]; then echo "not yet: $last" >&2; said=$last told=$now; fi
sleep 1
done`,
  )
}
