import { createHash } from 'node:crypto'
import { Sh, lines, raw, sh } from '../../../sh/quote.ts'
import type { Step } from '../../kit/kind.ts'

/** A command that goes on in the background, as it is known on its host. */
export class Work {
  /** Its directory there, after that of its user. */
  readonly name: string
  readonly title: string
  /** Of the command: another one under the same name is not taken for it. */
  readonly command: string

  constructor(title: string, identity: readonly (string | undefined)[], command: string) {
    this.title = title
    this.name = `work-${digest(JSON.stringify([title, ...identity]))}`
    this.command = digest(command)
  }

  /** The mark of a pending start, for predictions. */
  get mark(): string {
    return `/run/rolecall/${this.name}`
  }
}

/** The status of the work. `lost`: it ended without recording its result. */
export type WorkState =
  | { readonly type: 'none' }
  | { readonly type: 'running'; readonly command: string; readonly pid: string }
  | {
      readonly type: 'ended'
      readonly code: number
      readonly inThisRun: boolean
      readonly wasWaitedFor: boolean
      readonly last: string
    }
  | { readonly type: 'lost'; readonly inThisRun: boolean }

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/**
 * Sets `d`, the directory of the work, and `out`, its output, which may be long: on a disk. `at` says the hundredths of a second from the boot on at which
 * a process began.
 */
function places({ name }: Work): Sh {
  return sh`if [ "$(id -u)" = 0 ]; then d=/run/rolecall out=/var/lib/rolecall; else d=\${XDG_RUNTIME_DIR:-$HOME/.cache}/rolecall out=$HOME/.cache/rolecall; fi
d=$d/${raw(name)} out=$out/${raw(name)}.log
at() { local s; { read -r s <"/proc/$1/stat"; } 2>/dev/null || return 1; set -- \${s##*) }; shift 19; echo "$1"; }`
}

/**
 * Defines `alive`: the process that was begun is there, or others of its process group are. A number is given to no other process while there is a
 * group of that number, and none outlives a boot.
 *
 * Source: proc(5), `stat`: field 22; kill(1).
 */
const alive = raw(`pid= begun= boot= command=
alive() {
{ read -r pid begun boot command <"$d/pid"; } 2>/dev/null || return 1
[ "$boot" = "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)" ] || return 1
if [ -e "/proc/$pid/stat" ]; then [ "$(at "$pid")" = "$begun" ]; else kill -0 -- "-$pid" 2>/dev/null; fi
}`)

/** Prints the status of the work, as `stateOf` reads it. */
export function lookAtWork(work: Work): Sh {
  return lines(
    places(work),
    alive,
    raw(`ours() { [ -n "$begun" ] && mine=$(at $$) && [ "$begun" -ge "$mine" ] && echo 1 || echo 0; }
if [ -s "$d/ended" ]; then alive; gone=1; elif alive; then gone=; elif [ -s "$d/ended" ]; then gone=1; else gone=lost; fi
if [ -z "$gone" ]; then echo "work running $command $pid"
elif [ "$gone" = 1 ]; then { read -r code <"$d/ended"; } 2>/dev/null
[ -e "$d/waited" ] && waited=1 || waited=0
echo "work ended $code $(ours) $waited"; tail -c 2000 "$out" 2>/dev/null | grep -v '^[[:space:]]*$' | tail -n 1 | cut -c 1-300 | sed 's/^/last /'
elif [ -e "$d" ] || [ -e "$out" ]; then echo "work lost $(ours)"; fi`),
  )
}

/** What `lookAtWork` said. */
export function stateOf(said: readonly string[]): WorkState {
  const [, type, one = '', two = '', three = ''] = said.find((line) => line.startsWith('work '))?.split(' ') ?? []
  if (type === 'running') return { type, command: one, pid: two }
  const last = said.find((line) => line.startsWith('last '))?.slice('last '.length) ?? ''
  if (type === 'ended') return { type, code: Number(one), inThisRun: two === '1', wasWaitedFor: three === '1', last }
  return type === 'lost' ? { type, inThisRun: one === '1' } : { type: 'none' }
}

/**
 * Begins a script in the background, with the input and the environment of this one, and ends as soon as the script is running: as a unit of systemd, or in a
 * session of its own, which no lost connection ends. What the script reads and its text may hold secrets: they are kept in files for its user alone, until it
 * has them.
 *
 * Source: systemd-run(1), setsid(1).
 */
export function beginWork(work: Work, inner: Pick<Step, 'sh' | 'stdin'>, deadline: number | undefined): Sh {
  const limited =
    deadline === undefined
      ? sh`sh ./run`
      : sh`if command -v timeout >/dev/null 2>&1; then timeout -k 5 ${deadline} sh ./run; else sh ./run; fi`
  return lines(
    places(work),
    sh`umask 077
mkdir -p "\${d%/*}" "\${out%/*}" && rm -rf "$d" && mkdir "$d" && cd "$d" && rm -f -- "$out" && : >"$out" || exit 1
${inner.stdin === undefined ? raw(': >input') : raw('cat >input')}
export -p >env
printf '%s\\n' ${inner.sh.text} >run
printf '%s\\n' ${begin(work, limited).text} >begin
if [ "$(id -u)" = 0 ] && [ -d /run/systemd/system ] && systemd-run -q --collect --unit=${`rolecall-${work.name}`} --description=${work.title} -p KillMode=process /bin/sh "$d/begin" "$d" "$out" 2>/dev/null; then :
elif command -v setsid >/dev/null 2>&1; then setsid sh "$d/begin" "$d" "$out" >/dev/null 2>&1 </dev/null &
else (trap '' HUP; exec sh "$d/begin" "$d" "$out") >/dev/null 2>&1 </dev/null & fi
n=0
while [ ! -s pid ]; do n=$((n+1)); [ "$n" -le 100 ] || { echo 'it has not begun within 10 s' >&2; exit 1; }; sleep 0.1; done`,
  )
}

/** The script that goes on in the background. It says who it is, and at its end how the command ended. */
function begin({ command }: Work, limited: Sh): Sh {
  return sh`d=$1 out=$2
cd "$d" && . ./env && exec <input >"$out" 2>&1 || exit 1
umask 022
read -r s </proc/$$/stat; p=$$
set -- \${s##*) }; shift 19
echo "$p $1 $(cat /proc/sys/kernel/random/boot_id 2>/dev/null) ${raw(command)}" >pid.new && mv pid.new pid
rm -f input env begin
${limited}
code=$?
rm -f run
echo "$code" >ended.new && mv ended.new ended`
}

/** Waits until the work has ended, shows what it prints meanwhile, and ends as it did. */
export function awaitWork(work: Work, deadline: number): Sh {
  return lines(
    places(work),
    alive,
    sh`up() { read -r now _ </proc/uptime; now=\${now%%.*}; }
tell() { size=$(wc -c <"$out" 2>/dev/null) && [ "$size" -gt "$told" ] || return 0; tail -c "+$((told+1))" "$out" | head -c "$((size-told))" >&2; told=$size; }
up; since=$now told=0 n=0
while [ ! -s "$d/ended" ] && alive; do
tell; up
[ $((now - since)) -lt ${deadline} ] || { echo "gave up after $((now - since)) s: it is still at work, as process $pid. The next run finds it" >&2; exit 1; }
n=$((n+1)); if [ "$n" -le 10 ]; then sleep 0.1; else sleep 1; fi
done
tell
{ read -r code <"$d/ended"; } 2>/dev/null || { echo 'the command was ended before it could record its result' >&2; exit 1; }
[ "$code" != 0 ] || { : >"$d/waited"; rm -f -- "$out"; exit 0; }
echo "it ended with $code" >&2
exit 1`,
  )
}
