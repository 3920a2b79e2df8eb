import { inspect } from 'node:util'
import { RolecallError } from '../../errors.ts'
import { placeOfCall } from '../../place.ts'
import { contradictions } from '../contradictions/contradictions.ts'
import type { Resource } from '../../resources/kit/kind.ts'

/**
 * The arguments of `ensure` as one list. Throws a RolecallError for arguments that are not resources, which only TypeScript would catch earlier, and
 * for resources that contradict one another.
 */
export function ensureArguments(given: readonly unknown[]): Resource[] {
  const resources = given.flat(Infinity)
  const strange = resources.find((one) => !isResource(one))
  if (resources.every(isResource)) {
    const problems = contradictions(resources)
    if (problems.length > 0) throw new RolecallError(problems)
    return resources
  }
  const place = placeOfCall()
  const { got, hint } = strangeness(strange)
  throw new RolecallError({
    code: 'playbook',
    ...(place === undefined ? {} : { place }),
    message: 'ensure got a value that is not a resource',
    expected: "resources, or lists of them, such as file('/etc/motd', { ... })",
    got,
    ...(hint === undefined ? {} : { hint }),
  })
}

function strangeness(value: unknown): { readonly got: string; readonly hint?: string } {
  if (value instanceof Promise) return { got: 'a promise', hint: 'put await before it' }
  // The name of the function is not shown, because the bundle may have changed it.
  if (typeof value === 'function')
    return { got: 'a function', hint: "call it: pkg('nginx') is a resource, pkg is none" }
  const got = inspect(value, { depth: 1, breakLength: 100 })
  if (typeof value === 'string') return { got, hint: 'say what it is: pkg, service, file, dir, ...' }
  if (value === undefined || value === false || value === null)
    return { got, hint: 'leave out what is not wanted: ...(wanted ? [resource] : [])' }
  return { got }
}

function isResource(value: unknown): value is Resource {
  return typeof value === 'object' && value !== null && 'id' in value && 'evaluate' in value && 'madeAt' in value
}

/** Resources in short: `file:/etc/motd and 2 more`. */
export function inShort(names: readonly string[]): string {
  const [first = '', second, ...others] = names
  if (second === undefined) return first
  return others.length === 0 ? `${first} and ${second}` : `${first} and ${others.length + 1} more`
}
