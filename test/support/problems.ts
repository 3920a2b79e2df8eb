import { RolecallError, type Problem } from '../../lib/errors.ts'

/** The problems that an action refuses with. */
export function problemsOf(action: () => unknown): readonly Problem[] {
  try {
    action()
  } catch (error) {
    if (error instanceof RolecallError) return error.problems
    throw error
  }
  throw new Error('expected a refusal')
}
