import { meantBy } from '../../resources/kit/options/renamed.ts'
import { optionsOfKind } from '../../resources/kit/options/options.ts'

/** TS2353, as worded by TypeScript 4 to 7. TypeScript suggests a name only if the type is not a union. */
const UNKNOWN_PROPERTY = /'(\w+)' does not exist in type '([\w |]+)'/

/**
 * A hint for an option that no kind has, in the same words as at run time.
 *
 * @example
 * hintFor("... 'contents' does not exist in type 'AbsentState | FileOptions'.")   // 'did you mean "content"?'
 * hintFor("... 'state' does not exist in type 'ServiceOptions'.")   // 'write running'
 */
export function hintFor(message: string): string | undefined {
  const [, name, type = ''] = UNKNOWN_PROPERTY.exec(message) ?? []
  if (name === undefined) return undefined
  const kinds = [...type.matchAll(/\b(\w)(\w*)Options\b/g)].map(
    ([, first = '', rest = '']) => first.toLowerCase() + rest,
  )
  const hints = kinds.map((kind) => meantBy(name, optionsOfKind(kind), { kind }).hint)
  return hints.find((hint) => hint !== undefined)
}
