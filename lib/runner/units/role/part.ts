import { RolecallError } from '../../../errors.ts'
import type { CommonContext } from '../../../playbook/context.ts'
import type { AnyRole } from '../../../playbook/role.ts'
import { didYouMean } from '../../../text/nearest.ts'

/** Runs the selected parts of a role; `parts` undefined: all. Refuses a part that the role does not declare, because no tag would find it. */
export function partOf(
  { name, parts: known = [] }: Pick<AnyRole, 'name' | 'parts'>,
  parts?: ReadonlySet<string>,
): CommonContext<unknown>['part'] {
  return async (tag, work) => {
    if (!known.includes(tag)) {
      const hint = didYouMean(tag, known)
      throw new RolecallError({
        code: 'playbook',
        role: name,
        message: `role ${name} has no part "${tag}"`,
        expected: known.length === 0 ? `parts: ['${tag}'] in the role` : `one of ${known.join(', ')}`,
        ...(hint === undefined ? {} : { hint }),
      })
    }
    if (parts?.has(tag) ?? true) await work()
  }
}
