import { invalidOption } from './invalid-option.ts'
import { absolute } from '../../files/path/path.ts'
import type { Resource } from '../kind.ts'
import { describeValue } from './describe-value.ts'
import { isAbsolute, list, value } from './option-types.ts'
import { isResource } from '../resource.ts'

const UNIT = /^[\w:.\\][\w:.@\\-]*$/

export function unitName(given: unknown): string {
  if (typeof given === 'string' && UNIT.test(given)) return given
  throw invalidOption('service name', 'the name of a systemd unit', describeValue(given))
}

/** The full name of a unit: a service may be written without its ending. */
export function unitNamed(given: unknown): string {
  const name = unitName(given)
  const isWhole = /\.(service|socket|timer|path|mount|automount|target|swap|slice|scope|device)$/.test(name)
  return isWhole ? name : `${name}.service`
}

/** An option of other kinds that names a service or unit. */
export const serviceOrUnit = () =>
  value<Resource | string>('what service() gives, or the name of a systemd unit', (given) =>
    typeof given === 'string' ? UNIT.test(given) : isResource(given) && given.kind === 'service',
  )

/** The unit of a service. The service's resource has the name as the role wrote it. */
export function unitOf(given: Resource | string): string {
  return unitNamed(typeof given === 'string' ? given : given.name)
}

/** An option for the triggers of a restart or reload: resources, absolute paths and services alike. */
export const triggersOption = () =>
  list(
    'a list of resources, absolute paths and names of units',
    value<Resource | string>('a resource, an absolute path, or the name of a systemd unit', (given) =>
      typeof given === 'string' ? isAbsolute(given) || UNIT.test(given) : isResource(given),
    ),
  )

/** The paths and units of triggers, each once. A path begins with a slash, and the name of a unit never does. */
export function triggersOf(option: string, given: readonly (Resource | string)[]): string[] {
  const each = given.flatMap((trigger) => {
    if (typeof trigger !== 'string') return trigger.kind === 'service' ? [unitOf(trigger)] : trigger.paths
    return [trigger.startsWith('/') ? absolute(option, trigger) : unitNamed(trigger)]
  })
  return [...new Set(each)]
}

/** Whether a trigger is a path rather than a unit. */
export function isPath(trigger: string): boolean {
  return trigger.startsWith('/')
}
