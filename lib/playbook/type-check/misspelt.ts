import { meantBy, wordOfAnsible } from '../../resources/kit/options/names/renamed.ts'
import { optionsOfKind } from '../../resources/kit/options/options.ts'
import { contextHint } from '../../text/context-hint.ts'

/** TS2353, as worded by TypeScript 4 to 7. TypeScript suggests a name only if the type is not a union. */
const UNKNOWN_PROPERTY = /'(\w+)' does not exist in type '([^']+)'/
/** What Rolecall's own calls take: the options of a kind, a role, a play. */
const DECLARED = /Options\b|^(?:RoleDefinition|Play|PlaybookDefinition)\b/

/** TS2834 and TS2835: a path without its ending. TypeScript suggests that of JavaScript. */
const NO_ENDING = /import paths need explicit file extensions/
/** TS2304 and TS2552: `file` without an import. TypeScript may suggest `File`, which every program has. */
const UNKNOWN_NAME = /^Cannot find name '([\w$]+)'/
/** TS2339: a variable of a role that declares none. */
const NO_VARIABLES = /^Property '([\w$]+)' does not exist on type 'NoVariables'/
/** TS2339: what `verify` takes from its context and only `apply` has, or the other way round. */
const OTHER_CONTEXT = /^Property '([\w$]+)' does not exist on type '(Apply|Verify)Context\b/
/** What roles import besides kinds. */
const WORDS = ['role', 'playbook', 'using', 'shared', 'kind', 'sh', 'secret', 'secretText', 'z', 'play', 'policy']

/**
 * A hint for an option that no kind has, in the same words as at run time, and for what newcomers forget in imports.
 *
 * @example
 * hintFor("... 'contents' does not exist in type 'AbsentState | FileOptions'.")   // 'did you mean "content"?'
 * hintFor("... 'state' does not exist in type 'ServiceOptions'.")   // 'write running'
 */
export function hintFor(message: string): string | undefined {
  if (NO_ENDING.test(message)) return "write the file's own ending: .ts"
  const variable = NO_VARIABLES.exec(message)?.[1]
  if (variable !== undefined)
    return `this role declares no variables: add vars: z.object({ ${variable}: z.string() }) to it, with the type that you mean`
  const [, member = '', context = ''] = OTHER_CONTEXT.exec(message) ?? []
  if (member !== '') return contextHint(member, context === 'Apply' ? 'apply' : 'verify')
  const unknown = UNKNOWN_NAME.exec(message)?.[1]
  if (unknown !== undefined)
    return WORDS.includes(unknown) || optionsOfKind(unknown).length > 0
      ? `import it: import { ${unknown} } from 'rolecall'`
      : undefined
  const [, name, type = ''] = UNKNOWN_PROPERTY.exec(message) ?? []
  if (name === undefined) return undefined
  const kinds = [...type.matchAll(/\b(\w)(\w*)Options\b/g)].map(
    ([, first = '', rest = '']) => first.toLowerCase() + rest,
  )
  const hints = kinds.map((kind) => meantBy(name, optionsOfKind(kind), { kind }).hint)
  return hints.find((hint) => hint !== undefined) ?? (DECLARED.test(type) ? wordOfAnsible(name) : undefined)
}
