import { RolecallError, type Problem } from '../../errors.ts'
import { splitWords } from '../../inventory/connections/ssh-options.ts'
import { MISLEADING } from '../../machine/misleading.ts'
import { quote } from '../../sh/quote.ts'

export interface Become {
  readonly user: string
  readonly password?: { reveal(): string }
  /** The method; absent: sudo. */
  readonly method?: string
  /** A program to use instead of the method's own. */
  readonly exe?: string
  /** Options for the program; absent: `-H` for sudo, none for the others. */
  readonly flags?: string
  /** Another user to become first: root needs no permission. */
  readonly then?: string
}

/** A longer script is read by `dd`. */
const SHORT = 2500

/**
 * The shell that lives as long as the run: prints `WORD ready PID`, reads `rc BOUNDARY SCRIPT_BYTES STDIN_BYTES` and then this many bytes of each,
 * runs the script in a subshell and prints `BOUNDARY end STATUS` on both streams. `own - BYTES 0` runs in the shell itself and is not answered; `io -
 * BYTES 0` reads all input that follows, and the shell ends with it. Such an exchange takes 0.4 ms where a new channel for each command takes 5.
 *
 * The boundary is new for each request and arrives on the shell's input. In the command line every user of the host could read it with ps(1), and use
 * it to forge an answer in a file that is read. The word in the command line only says that the shell is ready.
 *
 * It is one line without single quotes, `!` or backslashes, because the login shell that receives it as one quoted word may be csh or fish.
 * `read` takes single bytes from a pipe, and `dd iflag=fullblock` exactly as many as requested, in GNU and in busybox: neither reads ahead into the
 * next request.
 * A script of up to SHORT bytes is read by lines: that takes 0.2 to 0.8 us a byte, and a `dd` 1.2 ms.
 */
const loop = (word: string) =>
  [
    'LC_ALL=C; PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export LC_ALL PATH; umask 022; cd /;',
    `unset ${MISLEADING.join(' ')};`,
    'take() { if [ "$1" -ge 65536 ]; then dd bs=65536 count=$(($1/65536)) iflag=fullblock 2>/dev/null; fi; if [ $(($1%65536)) -gt 0 ]; then dd bs=$(($1%65536)) count=1 iflag=fullblock 2>/dev/null; fi; };',
    // A shell begins with a space, a tab and a newline in IFS (POSIX.1-2017, 2.5.3).
    'nl=${IFS#??};',
    // If dd cannot be started, it says why on standard error, and its status becomes the shell's.
    'unread() { dd count=0 </dev/null || exit; exit 1; };',
    // If the connection is lost inside a script, only its beginning arrives, which may mean something quite different from the whole.
    `get() { if [ "$1" -le ${SHORT} ]; then s=; while [ \${#s} -lt "$1" ]; do IFS= read -r l || exit; s=$s$l$nl; done;`,
    // Without the newline at the end, which command substitution removes.
    'elif [ "$1" -lt 65536 ]; then s=$(exec dd bs="$1" count=1 iflag=fullblock 2>/dev/null); [ $((${#s}+1)) = "$1" ] || unread;',
    'else s=$(take "$1"; echo .); [ ${#s} -gt "$1" ] || unread; s=${s%.}; fi; };',
    `echo; echo ${word} ready $$;`,
    'while read -r w m n p; do if [ "$w" = rc ]; then get "$n";',
    // Descriptors 7 and 9 belong to `own` scripts, such as the one that locks the host: no process started here may inherit them.
    'if [ "$p" = 0 ]; then (unset w m n p; eval "$s") </dev/null 7<&- 9>&-; r=$?;',
    'else take "$p" | { (unset w m n p; eval "$s"); r=$?; cat >/dev/null; exit $r; } 7<&- 9>&-; r=$?; fi;',
    'echo "$m end $r"; echo "$m end $r" >&2;',
    'elif [ "$w" = own ]; then get "$n"; { eval "$s"; } </dev/null >/dev/null 2>&1;',
    'elif [ "$w" = io ]; then get "$n"; (unset w m n p; eval "$s"); exit $?; fi; done',
  ].join(' ')

/**
 * A script in the form that the shell reads: whole lines, and no empty ones at the end. It cannot hold NUL, and `read` in some shells garbles bytes
 * above 127, so such a script is padded until `dd` reads it.
 */
export function asRead(script: string): Buffer {
  const text = script.replace(/\n+$/, '')
  const isPlain = /^[\x01-\x7f]*$/.test(text)
  const missing = isPlain ? 0 : SHORT - Buffer.byteLength(text)
  return Buffer.from(`${text}\n${missing > 0 ? `${' '.repeat(missing)}\n` : ''}`)
}

/** A login profile that asks a question reads these lines instead of the first request; the shell itself ignores them. */
const EMPTY_ANSWERS = '\n'.repeat(8)

/**
 * A sudo that wants a password would take an empty line for it, so lines that the profile has left are read before sudo starts. As `loop`, this is
 * one line that csh and fish pass on.
 */
const afterAnswers = (mark: string, command: string) =>
  `/bin/sh -c ${quote(`while read -r w; do if [ "$w" = ${mark}-go ]; then ${command}; fi; done`)}`

/** Printed by the login shell before anything else: any later failure is not the login's. */
export const reachedLine = (mark: string) => `${mark} login`

/** How the shell is started, what is sent to it at once, and how it asks for the password. */
interface Login {
  readonly command: string
  /** Lines for a profile that asks questions. */
  readonly first: string
  readonly prompts: readonly string[]
}

/** The end of the questions of su and doas in the language C. */
const PASSWORD = ['assword:']

/**
 * The command line that starts the shell, through sudo, su or doas if `become` says so.
 *
 * Throws a RolecallError for another method, and for flags with an unclosed quote.
 */
export function login(mark: string, become: Become | undefined): Login {
  const { command, ...asked } = start(mark, become)
  return { command: `echo ${reachedLine(mark)}; ${command}`, ...asked }
}

function start(mark: string, become: Become | undefined): Login {
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
      const command = runsShell(become) ? withoutDollars(inner) : inner
      return started(`${program} ${flags}${asks ? `-S -p '${prompt}'` : '-n'} -u ${quote(user)} -- ${command}`, [
        prompt,
      ])
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

/** Whether the environment would reach another account than root: sudo and doas clear it, unless their flags say otherwise. */
export function givesEnvironmentAway(become: Become | undefined): boolean {
  return become !== undefined && (become.method === 'root' || become.method === 'su') && become.user !== 'root'
}

/** root becomes another user without a password, even one whose login shell refuses logins. */
function asRoot(user: string, command: string): string {
  return `su -s /bin/sh ${quote(user)} -c ${quote(command)}`
}

/**
 * doas reads a password only from a terminal. script(1) makes one for the question: all other input and output stays with the original pipes, as
 * descriptors 3, 4 and 5.
 */
function withTerminal(silent: string, asking: string, inner: string): string {
  const there = `${silent} true 2>/dev/null`
  const typed = '{ IFS= read -r p <&3; printf "%s\\n" "$p"; }'
  const script = `SHELL=/bin/sh script -qec ${quote(`${asking} <&3 >&4 2>&5`)} /dev/null`
  return `if ${there}; then exec ${silent} ${inner}; fi; exec 3<&0 4>&1 5>&2; ${typed} | ${script} >&5 2>&5; exit`
}

/** With `-i` and `-s` sudo passes the command to the other user's shell. */
function runsShell({ flags = '' }: Become): boolean {
  const words = splitWords(flags)
  return !('expected' in words) && words.some((word) => /^(?:--login|--shell|-[A-Za-z]*[is][A-Za-z]*)$/.test(word))
}

/** sudo escapes every character for that shell but `$`, so `$` and all quotes are written as numbers. */
function withoutDollars(command: string): string {
  const written = command.replaceAll(/[$`"'\\]/g, (letter) => `\\0${letter.charCodeAt(0).toString(8).padStart(3, '0')}`)
  return `/bin/sh -c ${quote(`eval "\`printf %b '${written}'\`"`)}`
}

/** Leaves out the program's own message about a missing password: Rolecall knows whether there is one. */
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
    message: `cannot become another user in this way`,
    expected: 'ansible_become_method: sudo, su or doas, and flags whose quotes close',
    got: flags === undefined ? method : `${method} ${flags}`,
    hint: 'correct ansible_become_method or ansible_become_flags in the inventory',
  }
}
