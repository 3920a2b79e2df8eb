import { z } from 'zod'
import type { Mode } from '../../events.ts'
import type { Play } from '../../playbook/playbook.ts'
import type { AnyRole } from '../../playbook/role.ts'
import type { Unit } from '../order/planned.ts'

/**
 * The units of a play's gate on one host, behind those of its roles there. Check runs no gate, because nothing has changed that a gate could see.
 * Verify runs a play's own gate; `'verify'` is what verify does anyway.
 */
export function gateUnits(
  { gate }: Play,
  onHost: readonly Omit<Unit, 'index'>[],
  mode: Mode | undefined,
): Omit<Unit, 'index'>[] {
  const [first] = onHost
  if (gate === undefined || first === undefined) return []
  if (gate === 'verify') {
    if (mode !== 'apply') return []
    return onHost.filter(({ role }) => role.verify !== undefined).map((unit) => ({ ...unit, isGate: true }))
  }
  if (mode !== 'apply' && mode !== 'verify') return []
  return [{ ...first, role: gateRole(gate), vars: {}, isGate: true }]
}

function gateRole(gate: Exclude<Play['gate'], 'verify' | undefined>): AnyRole {
  return {
    type: 'role',
    name: 'gate',
    about: undefined,
    tags: [],
    vars: z.object({}),
    apply: () => Promise.resolve(),
    verify: (context) => gate(context),
  }
}
