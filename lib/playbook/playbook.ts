import type { Place } from '../errors.ts'
import { CallSite } from '../place.ts'
import type { z } from 'zod'
import { checkComputedUse, checkPlaybook, checkUse, type PlaybookDefinition } from './definitions.ts'
import type { SharedShape, SharedValues, SharedVariable } from './variables/shared-shape.ts'
import type { AnyRole, Role } from './context.ts'
import type { Hooks } from './hooks.ts'
import type { RoleUse, Play } from './play.ts'

export type { RoleUse, ProjectNames, HostPattern, Play, Failures, BatchSize, Percent } from './play.ts'

export interface Playbook {
  readonly type: 'playbook'
  readonly name: string
  readonly about: string | undefined
  readonly shared?: readonly SharedShape[]
  readonly hooks?: Hooks
  readonly plays: readonly Play[]
}

/**
 * Defines a playbook. The definition is data; an invalid one is refused when the playbook is loaded, with the place of the call.
 *
 * @example
 * export default playbook({
 *   name: 'site',
 *   plays: [
 *     { name: 'base', hosts: 'all', roles: [base] },
 *     { name: 'dns', hosts: 'dns', roles: [using(dnsServer, { forwarders: ['10.10.50.1'] })], after: ['base'] },
 *   ],
 * })
 */
export function playbook(definition: PlaybookDefinition): Playbook {
  checkPlaybook(definition)
  const { name, about, failures, hooks, plays, shared } = definition
  const inherited = failures === undefined ? {} : { failures }
  const sharing = { ...(shared === undefined ? {} : { shared }), ...(hooks === undefined ? {} : { hooks }) }
  const made: Playbook = {
    type: 'playbook',
    name,
    about,
    ...sharing,
    plays: plays.map((play) => ({ ...inherited, ...play })),
  }
  madeAt.set(made, new CallSite(playbook))
  return made
}

const madeAt = new WeakMap<Playbook, CallSite>()

/** The place of the `playbook` call, for problems that concern several of its plays. */
export function placeOfPlaybook(of: Playbook): Place {
  return madeAt.get(of)?.place ?? { file: `playbook ${of.name}` }
}

/** The values of `using`, or shared variables with values of the right type. */
export type UsedVars<Schema extends z.ZodObject> = {
  readonly [Name in keyof z.input<Schema>]?: z.input<Schema>[Name] | SharedVariable<z.input<Schema>[Name]>
}

/**
 * Sets variables of a role for one play. They override the inventory; `-e` overrides them. An unknown name or a value of another type is a compile
 * error.
 *
 * A value may be a shared variable, which is read for each host. With shared variables as the second argument, values are computed from them.
 *
 * @example
 * using(dnsServer, { forwarders: ['10.10.50.1'] })
 * using(webServer, { serverName: site.domain })
 * using(webServer, site, ({ domain, environment }) => ({ serverName: `${environment}.${domain}` }))
 */
export function using<Schema extends z.ZodObject>(role: Role<Schema>, vars: UsedVars<Schema>): RoleUse
export function using<Schema extends z.ZodObject, Shape extends SharedShape>(
  role: Role<Schema>,
  shared: Shape,
  make: (values: SharedValues<Shape>) => Partial<z.input<Schema>>,
): RoleUse
export function using(role: AnyRole, given: object, make?: (values: never) => object): RoleUse {
  const use = usedWith(role, given, make)
  usedAt.set(use, new CallSite(using))
  return use
}

function usedWith(role: AnyRole, given: object, make: ((values: never) => object) | undefined): RoleUse {
  if (make === undefined) {
    checkUse(role, given)
    return { type: 'use', role, vars: given as RoleUse['vars'] }
  }
  checkComputedUse(role, given, make)
  return {
    type: 'use',
    role,
    vars: {},
    computed: { shared: given, make } as unknown as NonNullable<RoleUse['computed']>,
  }
}

const usedAt = new WeakMap<RoleUse, CallSite>()
const usePlaces = new WeakMap<RoleUse, Place>()

/** The place of the `using` call, for problems of the values that it gives. */
export function placeOfUse(of: RoleUse): Place | undefined {
  const place = usePlaces.get(of) ?? usedAt.get(of)?.place
  // Every host asks for it.
  if (place !== undefined) usePlaces.set(of, place)
  return place
}
