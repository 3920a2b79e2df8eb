/**
 * A role as plain data, so that it can be made from a seed, shrunk, run, and printed as TypeScript. Arguments stand as they would be
 * written; what JSON does not have is an object with one of the names of `Special`.
 */
export type Data = null | boolean | number | string | readonly Data[] | { readonly [name: string]: Data | undefined }

/** What JSON does not have: a regular expression, a secret, a command with quoting, another resource of the role, a function of the live text, a path at the server, something of the controller (`sample-trees.ts`). */
export const SPECIAL = ['$re', '$secret', '$sh', '$resource', '$append', '$url', '$local'] as const

export interface ResourceSpec {
  /** The constructor: `file`, `service`. */
  readonly make: string
  readonly args: readonly Data[]
  /** By which others of the role name it (`{ $resource: 'r1' }`). */
  readonly id?: string
  /** Paths that a command of this resource changes: nobody could know them from its arguments. */
  readonly touches?: readonly string[]
}

/** What a role awaits, one after the other. */
export type CallSpec =
  | { readonly call: 'ensure'; readonly resources: readonly ResourceSpec[] }
  /** `$({ creates })` */
  | { readonly call: 'command'; readonly creates: string; readonly run: string; readonly touches: readonly string[] }
  | { readonly call: 'exists'; readonly path: string; readonly then: readonly CallSpec[] }
  /** Reads a file, and writes what it holds to another one. */
  | { readonly call: 'read'; readonly path: string; readonly into: string }
  /** `$.read` of a command, whose answer is written to a file. */
  | { readonly call: 'look'; readonly command: string; readonly into: string }

export interface RoleSpec {
  readonly calls: readonly CallSpec[]
}

/** Roles that one host gets one after the other, and what is on it before. */
export interface Case {
  readonly seed: number
  /** Lines for a root shell, each on its own: one that fails is no matter. */
  readonly setup: readonly string[]
  readonly roles: readonly RoleSpec[]
  /** The host has servers of databases. */
  readonly hasDatabases?: boolean
}

/** Every resource of a case, in order. */
export function resourcesOf({ roles }: Case): ResourceSpec[] {
  return roles.flatMap(({ calls }) => calls.flatMap(ofCall))
}

function ofCall(call: CallSpec): ResourceSpec[] {
  switch (call.call) {
    case 'ensure':
      return [...call.resources]
    case 'command':
      return [{ make: 'exec', args: [call.run, { run: call.run, creates: call.creates }], touches: call.touches }]
    case 'exists':
      return call.then.flatMap(ofCall)
    case 'read':
    case 'look':
      return [{ make: 'file', args: [call.into, {}] }]
  }
}

export function isMap(data: Data | undefined): data is { readonly [name: string]: Data | undefined } {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
}

/** The options of a resource, which are its last argument; none when that is no map. */
export function optionsOf({ args }: ResourceSpec): { readonly [name: string]: Data | undefined } {
  const last = args.at(-1)
  return isMap(last) ? last : {}
}
