import { inspect } from 'node:util'

const DEEPEST_CAUSE = 5

/**
 * What the code of a role, hook or policy has thrown, as the rest of a sentence: `ended with an error: no answer`, `threw undefined, which is no Error`.
 * `advice` is there where the thrown value says less than it could.
 */
export function thrownWords(thrown: unknown): { readonly said: string; readonly advice?: string } {
  const message = errorMessage(thrown)
  const [first = ''] = message.split('\n')
  if (thrown instanceof Error) {
    return message.trim() === ''
      ? {
          said: `ended with an error that has no message (${thrown.name})`,
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
  if (!(thrown instanceof Error)) return typeof thrown === 'string' ? thrown : inspect(thrown)
  const own = messageOf(thrown)
  if (depth >= DEEPEST_CAUSE) return own
  const errors: readonly unknown[] = thrown instanceof AggregateError ? thrown.errors : []
  const inside = errors.map((error) => errorMessage(error, depth + 1))
  const cause = thrown.cause === undefined ? [] : [`caused by: ${errorMessage(thrown.cause, depth + 1)}`]
  return [...(own === '' ? [] : [own]), ...inside, ...cause].join('\n')
}

/** A class of errors may compute its message, or have no text there. */
function messageOf(error: Error): string {
  try {
    const { message } = error as { readonly message: unknown }
    return typeof message === 'string' ? message : inspect(message)
  } catch {
    return `${error.constructor.name}, which cannot say its message`
  }
}
