import { inspect } from 'node:util'
import { fieldOf, insideOf, isError } from '../thrown.ts'

const DEEPEST_CAUSE = 5

/**
 * What the code of a role, hook or policy has thrown, as the rest of a sentence: `ended with an error: no answer`, `threw undefined, which is no Error`.
 * `advice` is there where the thrown value says less than it could.
 */
export function thrownWords(thrown: unknown): { readonly said: string; readonly advice?: string } {
  const message = errorMessage(thrown)
  const [first = ''] = message.split('\n')
  if (isError(thrown)) {
    return message.trim() === ''
      ? {
          said: `ended with an error that has no message (${nameOf(thrown)})`,
          advice: "say what is wrong where it is thrown: throw new Error('...')",
        }
      : { said: `ended with an error: ${first}` }
  }
  return {
    said: `threw ${typeof thrown === 'string' ? JSON.stringify(first) : first}, which is no Error`,
    advice: "throw new Error('...') instead: only an Error says where it was thrown",
  }
}

/**
 * The message of anything that was thrown: of an error, its causes and the errors in it; anything else as it is printed. Never throws.
 *
 * @example
 * errorMessage(new Error('cannot deploy', { cause: new Error('no such image') }))   // 'cannot deploy\ncaused by: no such image'
 */
export function errorMessage(thrown: unknown, depth = 0): string {
  if (!isError(thrown)) return typeof thrown === 'string' ? thrown : printed(thrown)
  const own = messageOf(thrown)
  if (depth >= DEEPEST_CAUSE) return own
  const { errors, cause } = insideOf(thrown)
  const inside = errors.map((error) => errorMessage(error, depth + 1))
  const causes = cause === undefined ? [] : [`caused by: ${errorMessage(cause, depth + 1)}`]
  return [...(own === '' ? [] : [own]), ...inside, ...causes].join('\n')
}

/** A class of errors may compute its message, or have no text there. */
function messageOf(error: Error): string {
  const message = fieldOf(error, 'message')
  if (message === undefined) return `${nameOf(error)}, which cannot say its message`
  return typeof message === 'string' ? message : printed(message)
}

export function nameOf(error: Error): string {
  const name = fieldOf(error, 'name')
  return typeof name === 'string' ? name : 'Error'
}

/** An object may print itself, and throw meanwhile. */
function printed(value: unknown): string {
  try {
    return inspect(value)
  } catch {
    return 'an object that cannot be printed'
  }
}
