import type { Plan, Refused, Step } from '../kind.ts'

/** A kind's plan with the user's deadline on each step. Without one, each step keeps its own. */
export function withDeadline(
  planned: readonly Step[] | Plan | Refused,
  deadline: number | undefined,
): readonly Step[] | Plan | Refused {
  if (deadline === undefined || 'refused' in planned) return planned
  const timed = (steps: readonly Step[]) => steps.map((step) => ({ ...step, deadline }))
  return 'steps' in planned ? { ...planned, steps: timed(planned.steps) } : timed(planned)
}
