import { RolecallError, type Problem } from '../errors.ts'
import type { SshAnswer } from './answer.ts'
import { readCommandLine, type SshOption } from './command-line.ts'
import { evaluateConfig, UnknownCriterion } from './evaluate.ts'
import type { ConfigFiles } from './files.ts'
import { wordsOf, type SshQuestion } from './question.ts'
import { sshProgramHint } from './program.ts'
import { cutWord } from './syntax/words.ts'
import { ConfigFault } from './fault.ts'

/**
 * What ssh would say, on a machine without the program. Throws a RolecallError for what takes the program to know: programs that Match runs, names that
 * are made canonical.
 */
export function answerWithoutProgram(
  host: string,
  question: SshQuestion,
  { files, isDynamic, weak }: ConfigFiles,
): SshAnswer {
  if (weak !== undefined) throw new RolecallError(tooOpen(host, weak))
  const given = lastFirst(readCommandLine(wordsOf(question)))?.map(lineOf)
  if (given === undefined || !given.every((line) => line !== undefined))
    throw new RolecallError(needsProgram(host, wordsOf(question).join(' ')))
  if (isDynamic || given.some(makesCanonical))
    throw new RolecallError(needsProgram(host, 'Match exec, CanonicalizeHostname, or Include with a variable in it'))
  try {
    return evaluateConfig({ address: question.address, given }, files)
  } catch (error) {
    if (error instanceof ConfigFault) throw new RolecallError(refusedConfig(host, error))
    if (!(error instanceof UnknownCriterion)) throw error
    throw new RolecallError(needsProgram(host, `Match ${error.message}`))
  }
}

function makesCanonical(line: string): boolean {
  const cut = cutWord(line)
  return cut?.word.toLowerCase() === 'canonicalizehostname' && !/^"?(no|false)\b/i.test(cut.rest ?? '')
}

/** Of a pair such as -4 and -6 the last one counts, and of the lines of ssh_config(5) the first. */
function lastFirst(options: readonly SshOption[] | undefined): readonly SshOption[] | undefined {
  const isPaired = ({ letter }: SshOption) => /[46Aa]/.test(letter)
  return options && [...options.filter(isPaired).toReversed(), ...options.filter((option) => !isPaired(option))]
}

/** The line of ssh_config(5) that says the same. Undefined: there is none. */
function lineOf({ letter, value = '' }: SshOption): string | undefined {
  switch (letter) {
    case 'o':
      return value
    case 'p':
      return `Port ${quoted(value)}`
    case 'l':
      return `User ${quoted(value)}`
    case 'i':
      return `IdentityFile ${quoted(value)}`
    case 'J':
      return `ProxyJump ${value}`
    case 'b':
      return `BindAddress ${quoted(value)}`
    case 'S':
      return `ControlPath ${quoted(value)}`
    case 'c':
      return `Ciphers ${quoted(value)}`
    case 'm':
      return `MACs ${quoted(value)}`
    case 'K':
      return 'GSSAPIAuthentication yes'
    case 'k':
      return 'GSSAPIDelegateCredentials no'
    case '4':
      return 'AddressFamily inet'
    case '6':
      return 'AddressFamily inet6'
    case 'A':
      return 'ForwardAgent yes'
    case 'a':
      return 'ForwardAgent no'
    default:
      return /[CTFngqtvxXY]/.test(letter) ? '' : undefined
  }
}

function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`
}

/** What ssh's configuration says is refused, in the words of ssh. */
export function refusedConfig(host: string, fault: ConfigFault): Problem {
  return {
    code: 'connect',
    host,
    message: 'ssh does not accept its configuration for this host',
    expected: 'what ssh_config(5) allows',
    got: fault.message,
    hint: 'mend ~/.ssh/config, /etc/ssh/ssh_config, or ansible_ssh_args, _common_args and _extra_args in the inventory; IgnoreUnknown names keywords to pass over',
  }
}

function needsProgram(host: string, what: string): Problem {
  return {
    code: 'connect',
    host,
    message: `ssh's configuration for this host cannot be known without the program ssh`,
    expected:
      'sections for hosts, Include, and Match with all, canonical, final, host, originalhost, user or localuser',
    got: what.trim(),
    hint: sshProgramHint(),
  }
}

function tooOpen(host: string, path: string): Problem {
  return {
    code: 'connect',
    host,
    message: `others can change ${path}, so it is not believed`,
    expected: 'a file that belongs to this user or to root, and that nobody else can write',
    hint: `chmod go-w ${path}`,
  }
}
