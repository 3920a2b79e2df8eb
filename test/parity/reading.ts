import type { Resource } from '../../lib/index.ts'

/** A part of what a resource wants, when it is there. */
function part(resource: Resource, key: string): unknown {
  const { want } = resource
  return typeof want === 'object' && want !== null ? (want as Readonly<Record<string, unknown>>)[key] : undefined
}

/** The packages of a `pkg`, unless they are to be absent. */
export function namesOf(resource: Resource): string[] {
  const names = part(resource, 'names')
  if (!Array.isArray(names)) throw new Error(`Expected ${resource.id} to have names`)
  return part(resource, 'state') === 'absent' ? [] : names.map(String)
}

/** The unit of a `service` that is to run or to start at boot; one that is only to be stopped is mostly not there at all. */
export function unitOf(resource: Resource): string[] {
  const isWanted = part(resource, 'running') === true || part(resource, 'enabled') === true
  return isWanted ? [String(part(resource, 'unit'))] : []
}

/** What a `service` is to be restarted after. */
export function inputsOf(resource: Resource): string[] {
  const inputs = part(resource, 'inputs')
  return Array.isArray(inputs) ? inputs.map(String) : []
}

export function absolutePathsOf(resource: Resource): string[] {
  return resource.paths.filter((path) => path.startsWith('/'))
}

/** What a command makes. */
export function createsOf(resource: Resource): string[] {
  const creates = part(resource, 'creates')
  return typeof creates === 'string' ? [creates] : []
}

/** A file whose wanted content is made from the one that is there. */
export function editsWhatIsThere(resource: Resource): boolean {
  return typeof part(resource, 'content') === 'function'
}
