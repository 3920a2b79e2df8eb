import { z } from 'zod'
import type { Mode } from '../../events.ts'
import type { Play } from '../../playbook/playbook.ts'
import type { AnyRole } from '../../playbook/role.ts'
import type { Unit } from '../order/unit.ts'

/**
 * The gate units of a play on one host, to run after its roles there. Check runs no gate, because a gate tests changes that check does not make.
 * Verify runs a gate function; for `'verify'` it already runs the same checks.
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
