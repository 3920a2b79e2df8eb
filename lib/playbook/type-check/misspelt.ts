import { optionsOfKind } from '../../resources/kit/options/options.ts'
import { didYouMean } from '../../text/nearest.ts'

/** TS2353, in the wording of TypeScript 4 to 7. Suggests a name only where the type is no union. */
const UNKNOWN_PROPERTY = /'(\w+)' does not exist in type '([\w |]+)'/

/**
 * The option that was probably meant by one that no kind has.
 *
 * @example
 * meantOption("... 'contents' does not exist in type 'AbsentState | FileOptions'.")   // 'did you mean "content"?'
 */
export function meantOption(message: string): string | undefined {
  const [, name, type = ''] = UNKNOWN_PROPERTY.exec(message) ?? []
  if (name === undefined) return undefined
  const kinds = [...type.matchAll(/\b(\w)(\w*)Options\b/g)].map(
    ([, first = '', rest = '']) => first.toLowerCase() + rest,
  )
  return didYouMean(name, kinds.flatMap(optionsOfKind))
}
