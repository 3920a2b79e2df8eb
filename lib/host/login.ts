import { RolecallError, type Problem } from '../errors.ts'
import { splitWords } from '../inventory/connections/ssh-options.ts'
import { quote } from '../sh/quote.ts'

export interface Become {
  readonly user: string
  readonly password?: { reveal(): string }
  /** Absent: sudo. */
  readonly method?: string
  /** The program in place of the method's own. */
  readonly exe?: string
  /** Options for the program; absent: `-H` for sudo, none for the others. */
  readonly flags?: string
  /** Whom the first one becomes after that: root needs nobody's leave. */
  readonly then?: string
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
const afterAnswers = (mark: string, command: string) =>
  `/bin/sh -c ${quote(`while read -r w; do if [ "$w" = ${mark}-go ]; then ${command}; fi; done`)}`

/** How the shell is started, what is written to it at once, and what it says when it wants the password. */
export interface Login {
  readonly command: string
  /** It may be lost to a profile that asks. */
  readonly first: string
  readonly prompts: readonly string[]
}

/** The last words of the questions of su and doas in the language C. */
const PASSWORD = ['assword:']

/**
 * The command line that starts the shell, through sudo, su or doas when `become` says so.
 *
 * Throws a RolecallError for another method, and for flags whose quotes do not close.
 */
export function login(mark: string, become: Become | undefined): Login {
  const shell = `/bin/sh -c ${quote(loop(mark))}`
  const inner = become?.then === undefined ? shell : asRoot(become.then, shell)
  if (become === undefined) return { command: inner, first: EMPTY_ANSWERS, prompts: [] }
  const asks = become.password !== undefined
  const first = asks ? `${EMPTY_ANSWERS}${mark}-go\n` : EMPTY_ANSWERS
  const started = (command: string, prompts: readonly string[], alone = `exec ${command}`): Login =>
    asks ? { command: afterAnswers(mark, alone), first, prompts } : { command, first, prompts: [] }
  const { user, method = 'sudo', exe = method } = become
  const program = quote(exe)
  const flags = flagsOf(become)
  switch (method) {
    case 'root':
      return { command: asRoot(user, shell), first: EMPTY_ANSWERS, prompts: [] }
    case 'sudo': {
      const prompt = `${mark} password`
      return started(`${program} ${flags}${asks ? `-S -p '${prompt}'` : '-n'} -u ${quote(user)} -- ${inner}`, [prompt])
    }
    case 'su':
      return started(`env LC_ALL=C ${program} ${flags}${quote(user)} -c ${quote(inner)}`, PASSWORD)
    case 'doas': {
      const words = `-u ${quote(user)} --`
      const silent = `${program} ${flags}-n ${words}`
      return started(
        `${silent} ${inner}`,
        PASSWORD,
        withTerminal(silent, `${program} ${flags}${words} ${inner}`, inner),
      )
    }
    default:
      throw new RolecallError(noSuchMethod(become))
  }
}

/** root becomes another user without a password, also a user whose login shell refuses logins. */
function asRoot(user: string, command: string): string {
  return `su -s /bin/sh ${quote(user)} -c ${quote(command)}`
}

/**
 * doas reads a password from a terminal alone. script(1) makes one for the question: what is written and read otherwise stays with the pipes that
 * were there, as 3, 4 and 5.
 */
function withTerminal(silent: string, asking: string, inner: string): string {
  const there = `${silent} true 2>/dev/null`
  const typed = '{ IFS= read -r p <&3; printf "%s\\n" "$p"; }'
  const script = `SHELL=/bin/sh script -qec ${quote(`${asking} <&3 >&4 2>&5`)} /dev/null`
  return `if ${there}; then exec ${silent} ${inner}; fi; exec 3<&0 4>&1 5>&2; ${typed} | ${script} >&5 2>&5; exit`
}

/** Leaves out the program's own words about a missing password: Rolecall knows better whether there is one. */
function flagsOf(become: Become): string {
  const { method = 'sudo', flags } = become
  const words = flags === undefined ? (method === 'sudo' ? ['-H'] : []) : splitWords(flags)
  if ('expected' in words) throw new RolecallError(noSuchMethod(become))
  return words
    .filter((word) => method === 'su' || !/^-[nS]$/.test(word))
    .map((word) => `${/^[\w./=:@-]+$/.test(word) ? word : quote(word)} `)
    .join('')
}

function noSuchMethod({ method = 'sudo', flags }: Become): Problem {
  return {
    code: 'become',
    message: `another user cannot be become in this way`,
    expected: 'ansible_become_method: sudo, su or doas, and flags whose quotes close',
    got: flags === undefined ? method : `${method} ${flags}`,
    hint: 'correct ansible_become_method or ansible_become_flags in the inventory',
  }
}

/** Ends processes and all they started, the youngest last, so that nobody is left to start more. Source: proc(5), /proc/pid/task/tid/children. */
export function killTrees(pids: readonly string[]): string {
  return `tree() { echo "$1"; for t in /proc/"$1"/task/*/children; do for c in $(cat "$t" 2>/dev/null); do tree "$c"; done; done; }; all=$(for p in ${pids.map(quote).join(' ')}; do tree "$p"; done); kill -TERM $all 2>/dev/null; sleep 0.2; kill -KILL $all 2>/dev/null; true`
}
