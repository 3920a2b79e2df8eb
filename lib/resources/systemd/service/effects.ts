import type { Effect } from '../../prediction/effect.ts'
import type { SystemdUnit } from '../probe-unit.ts'
import { instanceOf, isTemplate } from '../unit-install.ts'
import type { ServiceWant } from './want.ts'

/** What a step does to a unit. */
export type UnitAction =
  | 'daemon-reload'
  | 'unmask'
  | 'enable'
  | 'disable'
  | 'start'
  | 'stop'
  | 'restart'
  | 'reload'
  | 'mask'

/** What will be true of units after these actions. */
export function serviceEffects(
  want: ServiceWant,
  have: SystemdUnit,
  actions: readonly UnitAction[],
): readonly Effect[] {
  const does = (...some: readonly UnitAction[]) => some.some((action) => actions.includes(action))
  const names = [...new Set([want.unit, ...(have.id === '' ? [] : [have.id])])]
  const stays = !does('start', 'stop', 'restart')
  const running = want.running ?? isRunning(have)
  return [
    // systemctl reloads the unit files after it has made or removed links (systemctl(1), --no-reload).
    ...(does('daemon-reload', 'enable', 'disable', 'mask', 'unmask')
      ? [{ type: 'units', reloaded: true } as const]
      : []),
    ...names.map((name) => ({ type: 'unit', name, running, ...(stays ? { stays } : {}) }) as const),
    ...(does('unmask') ? filesOf(names, 'unmasked') : []),
    ...(does('enable') ? linked(names, have, true) : []),
    ...(does('disable') ? linked(names, have, false) : []),
    ...(does('mask') ? filesOf(names, 'masked') : []),
  ]
}

export function isRunning({ active }: SystemdUnit): boolean {
  return ['active', 'reloading', 'refreshing'].includes(active)
}

function filesOf(names: readonly string[], state: 'enabled' | 'disabled' | 'masked' | 'unmasked'): readonly Effect[] {
  return names.map((name) => ({ type: 'unit-file', name, state }))
}

/** With a unit its Also= units are enabled or disabled, and its other names come and go. */
function linked(names: readonly string[], { install }: SystemdUnit, exists: boolean): readonly Effect[] {
  const [of = ''] = names.slice(-1)
  const is = exists ? 'enabled' : 'disabled'
  if (install === undefined)
    return [...filesOf(names, is), ...(exists ? [{ type: 'unit-alias', of, exists } as const] : [])]
  const instance =
    isTemplate(of) && install.defaultInstance !== undefined ? instanceOf(of, install.defaultInstance) : undefined
  return [
    ...filesOf([...names, ...install.also, ...(instance === undefined ? [] : [instance])], is),
    ...install.aliases.map((name) => ({ type: 'unit-alias', name, of, exists }) as const),
  ]
}
