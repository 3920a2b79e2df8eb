import { quote } from '../sh/quote.ts'

export interface Become {
  readonly user: string
  readonly password?: { reveal(): string }
}

/** What is longer than this is read by `dd`. */
const SHORT = 2500

/**
 * The shell that stays: says `WORD ready PID`, reads `rc BOUNDARY SCRIPT_BYTES STDIN_BYTES`, then so many bytes of each, runs the script in a
 * subshell and says `BOUNDARY end STATUS` on both streams. `own - BYTES 0` is run in the shell itself and is not answered; `io - BYTES 0` reads what
 * comes after it until that ends, and the shell ends with it. One such exchange takes 0.4 ms where a new channel for each command takes 5.
 *
 * The boundary is new for each request and comes by the shell's input. The command line is no place for it: every user of the host reads that
 * in ps(1), and whoever knew a boundary could put an answer of their own into a file that is read. The word only says that the shell is there.
 *
 * It is one line without single quotes, `!` or backslashes, because the login shell that gets it as one quoted word may be csh or fish.
 * `read` takes single bytes from a pipe, and `dd iflag=fullblock` exactly what it is told, in GNU and in busybox: nobody reads ahead into the next request.
 * A script of up to SHORT bytes is read by lines: that takes 0.2 to 0.8 us a byte, and a `dd` 1.2 ms.
 */
const loop = (word: string) =>
  [
    'LC_ALL=C; PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export LC_ALL PATH; unset ENV CDPATH; umask 022; cd /;',
    'take() { if [ "$1" -ge 65536 ]; then dd bs=65536 count=$(($1/65536)) iflag=fullblock 2>/dev/null; fi; if [ $(($1%65536)) -gt 0 ]; then dd bs=$(($1%65536)) count=1 iflag=fullblock 2>/dev/null; fi; };',
    // A shell begins with a space, a tab and a newline there (POSIX.1-2017, 2.5.3).
    'nl=${IFS#??};',
    // A connection that is lost inside a script leaves its beginning, which may say something quite different from the whole.
    `get() { if [ "$1" -le ${SHORT} ]; then s=; while [ \${#s} -lt "$1" ]; do IFS= read -r l || exit; s=$s$l$nl; done;`,
    // Without the newline at its end, which goes with the substitution.
    'elif [ "$1" -lt 65536 ]; then s=$(exec dd bs="$1" count=1 iflag=fullblock 2>/dev/null); [ $((${#s}+1)) = "$1" ] || exit;',
    'else s=$(take "$1"; echo .); [ ${#s} -gt "$1" ] || exit; s=${s%.}; fi; };',
    `echo; echo ${word} ready $$;`,
    'while read -r w m n p; do if [ "$w" = rc ]; then get "$n";',
    // 7 and 9 are what an `own` script holds open, such as the lock of the host: nothing that is started here may keep it.
    'if [ "$p" = 0 ]; then (unset w m n p; eval "$s") </dev/null 7<&- 9>&-; r=$?;',
    'else take "$p" | { (unset w m n p; eval "$s"); r=$?; cat >/dev/null; exit $r; } 7<&- 9>&-; r=$?; fi;',
    'echo "$m end $r"; echo "$m end $r" >&2;',
    'elif [ "$w" = own ]; then get "$n"; { eval "$s"; } </dev/null >/dev/null 2>&1;',
    'elif [ "$w" = io ]; then get "$n"; (unset w m n p; eval "$s"); exit $?; fi; done',
  ].join(' ')

/**
 * A script as the shell reads it: whole lines, and no empty ones at the end. A NUL byte cannot stand in one, and `read` of some shells takes
 * bytes above 127 amiss: it is made long enough for `dd`.
 */
export function asRead(script: string): Buffer {
  const text = script.replace(/\n+$/, '')
  const isPlain = /^[\x01-\x7f]*$/.test(text)
  const missing = isPlain ? 0 : SHORT - Buffer.byteLength(text)
  return Buffer.from(`${text}\n${missing > 0 ? `${' '.repeat(missing)}\n` : ''}`)
}

/** A login shell's profile that asks reads these instead of the first request; to the shell that stays they are empty lines. */
const EMPTY_ANSWERS = '\n'.repeat(8)

/**
 * A sudo that wants a password would take an empty line for it: what the profile has left of them is read away before it starts.
 * As `loop`, it is one line that csh and fish pass on.
 */
const afterAnswers = (mark: string, sudo: string) =>
  `/bin/sh -c ${quote(`while read -r w; do if [ "$w" = ${mark}-go ]; then exec ${sudo}; fi; done`)}`

/**
 * The command line that starts the shell, through sudo when `become` says so. `first` is written at once: it may be lost to a profile
 * that asks. With a password sudo says `prompt` when it wants it.
 */
export function login(mark: string, become: Become | undefined) {
  const inner = `/bin/sh -c ${quote(loop(mark))}`
  const prompt = `${mark} password`
  const through = (how: string, user: string) => `sudo -H ${how} -u ${quote(user)} -- ${inner}`
  if (become === undefined) return { command: inner, first: EMPTY_ANSWERS, prompt }
  if (become.password === undefined) return { command: through('-n', become.user), first: EMPTY_ANSWERS, prompt }
  const command = afterAnswers(mark, through(`-S -p '${prompt}'`, become.user))
  return { command, first: `${EMPTY_ANSWERS}${mark}-go\n`, prompt }
}

/** Ends processes and all they started, the youngest last, so that nobody is left to start more. Source: proc(5), /proc/pid/task/tid/children. */
export function killTrees(pids: readonly string[]): string {
  return `tree() { echo "$1"; for t in /proc/"$1"/task/*/children; do for c in $(cat "$t" 2>/dev/null); do tree "$c"; done; done; }; all=$(for p in ${pids.map(quote).join(' ')}; do tree "$p"; done); kill -TERM $all 2>/dev/null; sleep 0.2; kill -KILL $all 2>/dev/null; true`
}
