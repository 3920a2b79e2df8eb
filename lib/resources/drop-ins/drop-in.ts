import { describeValue } from '../kit/options/describe-value.ts'
import { invalidOption } from '../kit/options/invalid-option.ts'

/** The name of a file in a directory of drop-ins. */
export function dropInName(
  kind: string,
  given: unknown,
  fits = /^[\w-][\w.-]*$/,
  words = 'letters, digits, ".", "_" or "-"',
): string {
  if (typeof given === 'string' && given.length <= 200 && fits.test(given)) return given
  throw invalidOption(`${kind} name`, words, describeValue(given))
}

/** The first lines of every file that a kind writes whole. */
export const HEADER = '# Kept by Rolecall: changes are lost.\n'

/** One line of a file: no line break, no NUL, and no backslash at its end, by which the next line would belong to it. */
export function isLine(given: string): boolean {
  return given.trim() !== '' && !/[\r\n\0]|\\$/.test(given)
}
