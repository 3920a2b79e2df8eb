import type { OptionProblem } from '../kit/options/option-problems.ts'
import { oneOf } from '../kit/options/option-types.ts'
import { leftOut } from '../kit/options/options.ts'

/** Nothing at a path, as an option of the kinds that put something there: `file(path, { state: 'absent' })` is `absent(path)`. */
export interface AbsentState {
  readonly state: 'absent'
  /** Seconds that the removal may take. Default 600. */
  readonly deadline?: number
}

/** `present` (default) or `absent`. */
export const stateOption = (hints: Readonly<Record<string, string>> = {}) =>
  oneOf(['present', 'absent'], {
    directory: 'that is dir()',
    link: 'that is link()',
    touch: 'write create: true',
    file: "write 'present', the default",
    ...hints,
  })

/** With `state: 'absent'` no other option is allowed; without it, some options are required. */
export function absentRule(
  options: object & { readonly state?: 'present' | 'absent' },
  given: ReadonlySet<string>,
  needed: readonly string[],
  kept: readonly string[] = [],
): OptionProblem[] {
  if (options.state === 'absent') {
    const more = Object.keys(options).filter((name) => !['state', 'deadline', ...kept].includes(name))
    return leftOut(more, "with state: 'absent'", options)
  }
  return needed
    .filter((name) => !given.has(name))
    .map((what) => ({
      what,
      expected: "given, or state: 'absent'",
      got: 'nothing',
      ...(what === 'sha256'
        ? { hint: `sha256sum prints it; where it is published, write sha256: { source: '...' }` }
        : {}),
    }))
}
