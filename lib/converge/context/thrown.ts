import { isProgramReplaced, RolecallError, type Place, type Problem } from '../../errors.ts'
import { failedCommand } from '../../host/command-calls.ts'
import { contextHint } from '../../text/context-hint.ts'
import { errorMessage, thrownWords } from '../../text/error-message.ts'
import { placeOfError } from '../../place.ts'
import { bothStreams, deniedHint, lastLineOf } from '../problems.ts'

/** The host, role and resource of a problem. */
export interface About {
  readonly host: string
  readonly role: string
  /** The user that runs the commands. */
  readonly uid?: number
  /** Where the role is defined, for what has no place of its own. */
  readonly roleAt?: () => Place | undefined
}

/** An error of a role's own code as a problem with its place. */
export function thrownProblem(error: unknown, { host, role, uid = 0, roleAt }: About): Problem {
  // The message must be read first: while V8 renders a stack, it cannot render another one by the playbook's source map, and the message of a command
  // contains one.
  const said = errorMessage(error)
  // The role is not at fault.
  if (isProgramReplaced(error))
    return { code: 'role-threw', host, role, message: said, hint: 'run again: finished work is not repeated' }
  const place = placeOfError(error) ?? roleAt?.()
  const failed = failedCommand(error)
  if (failed !== undefined && (failed.code !== null || failed.isTimeUp)) {
    const output = bothStreams(failed.stdout, failed.stderr)
    const [first = '', ...more] = failed.command.trim().split('\n')
    return {
      code: 'role-threw',
      host,
      role,
      message: `the command ${first}${more.length === 0 ? '' : ' ...'} ${failed.code === null ? 'was ended, because its time was up' : `ended with status ${failed.code}`}`,
      ...(place === undefined ? {} : { place }),
      output,
      ...lastLineOf(failed.stdout, failed.stderr),
      hint:
        deniedHint(output, uid) ??
        (failed.isTimeUp ? 'see what it waits for on the host, or give it more time' : undefined) ??
        'correct what the host complains of; where such a status is an answer, ask for it: await $.read`...`.nothrow()',
    }
  }
  const words = thrownWords(error)
  return {
    code: 'role-threw',
    host,
    role,
    message: `the role ${words.said}`,
    ...(place === undefined ? {} : { place }),
    ...(said.includes('\n') ? { output: said } : {}),
    hint: words.advice ?? unknownNameHint(said) ?? 'correct the role, then run again: finished work is not repeated',
  }
}

/** `expect` in apply, `ensure` in verify, `file` without an import: what to do about a name that is not there. */
function unknownNameHint(said: string): string | undefined {
  const missing = /^([\w$]+) is not defined$/.exec(said)?.[1]
  const name = missing ?? /^([\w$]+) is not a function$/.exec(said)?.[1] ?? ''
  const other = contextHint(name)
  if (other !== undefined) return other
  return missing === undefined
    ? undefined
    : `import ${name}, or take it from what the function is given: async apply({ ensure, vars, host })`
}

/** The same problems, each with a place in the role: its own, or the place of the call that caused them. */
export function withPlace(refusal: RolecallError, placeOf: () => Place | undefined): RolecallError {
  if (refusal.problems.every(({ place, code }) => place !== undefined || code === 'lost')) return refusal
  const place = placeOf()
  if (place === undefined) return refusal
  return new RolecallError(
    refusal.problems.map((problem) => (problem.code === 'lost' ? problem : { place, ...problem })),
  )
}
