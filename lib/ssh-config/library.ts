import { RolecallError, type Problem } from '../errors.ts'
import type { SshAnswer } from './answer.ts'
import { readCommandLine, type SshOption } from './command-line.ts'
import { includedBy, type ConfigFiles } from './files.ts'
import { wordsOf, type SshQuestion } from './question.ts'

/** Criteria of Match that are understood without ssh. */
const CRITERIA = /^\s*Match\s+(((all|final)|(host|originalhost|user|localuser)\s+\S+)\s*)+$/i

/**
 * What ssh would say, on a machine without the program: sections for hosts, the usual criteria of Match, and files that are included. Throws a RolecallError
 * for what cannot be known so.
 */
export async function answerWithoutProgram(
  host: string,
  question: SshQuestion,
  { files, isDynamic, weak }: ConfigFiles,
): Promise<SshAnswer> {
  if (weak !== undefined) throw new RolecallError(tooOpen(host, weak))
  const given = readCommandLine(wordsOf(question))?.map(lineOf)
  if (given === undefined || !given.every((line) => line !== undefined))
    throw new RolecallError(needsProgram(host, wordsOf(question).join(' ')))
  const text = [...given, ...files.filter(({ isRoot }) => isRoot).map((file) => includedBy(file, files))].join('\n')
  const unknown = text.split('\n').find((line) => /^\s*Match\b/i.test(line) && !CRITERIA.test(line))
  if (isDynamic || unknown !== undefined)
    throw new RolecallError(needsProgram(host, unknown ?? 'CanonicalizeHostname or Include'))
  const { parse } = await import('ssh-config')
  const { address: Host, user: User } = question
  const said = parse(text).compute(
    { Host, ...(User === undefined ? {} : { User }) },
    { ignoreCase: true, matchExec: false },
  )
  return new Map(
    Object.entries(said).map(([key, value]) => [
      key,
      typeof value === 'string' ? [value] : /^(identityfile|certificatefile)$/.test(key) ? value : [value.join(' ')],
    ]),
  )
}

/** The line of ssh_config(5) that says the same. Undefined: there is none. */
function lineOf({ letter, value = '' }: SshOption): string | undefined {
  switch (letter) {
    case 'o':
      return value.replace('=', ' ')
    case 'p':
      return `Port ${value}`
    case 'l':
      return `User ${value}`
    case 'i':
      return `IdentityFile ${value}`
    case 'J':
      return `ProxyJump ${value}`
    case 'b':
      return `BindAddress ${value}`
    case 'S':
      return `ControlPath ${value}`
    case '4':
      return 'AddressFamily inet'
    case '6':
      return 'AddressFamily inet6'
    case 'A':
      return 'ForwardAgent yes'
    case 'a':
      return 'ForwardAgent no'
    default:
      return /[CTFnqvxXY]/.test(letter) ? '' : undefined
  }
}

function needsProgram(host: string, what: string): Problem {
  return {
    code: 'connect',
    host,
    message: `ssh's configuration for this host cannot be known without the program ssh`,
    expected: 'sections for hosts, and Match with all, final, host, originalhost, user or localuser',
    got: what.trim(),
    hint: 'install ssh on this machine (Debian: openssh-client, Red Hat: openssh-clients)',
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
