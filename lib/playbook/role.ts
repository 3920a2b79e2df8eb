import { z } from 'zod'
import type { Place } from '../errors.ts'
import { CallSite } from '../place.ts'
import { checkRole } from './definitions.ts'
import type { From } from './variables/sources.ts'
import type { ApplyContext, DeclaredVars, SiteVars, SiteProblem, VerifyContext } from './context.ts'
import type { Role } from './context.ts'

export type { DeclaredVars, NoVariables, Role, AnyRole, VarsOf } from './context.ts'

export interface RoleDefinition<Schema extends z.ZodObject> {
  /** The name for `--role NAME` and group_vars: lower case, with hyphens. The file has the same name. */
  readonly name: string
  /** One line for `rolecall list roles`. */
  readonly about?: string
  /** For `--tags`. */
  readonly tags?: readonly string[]
  /** Tags of its parts, each of which is a `part(TAG, ...)` of `apply` or `verify`. */
  readonly parts?: readonly string[]
  /** Seconds that the role may take on a host, like `Play.deadline`; the shorter one wins. Default: none. */
  readonly deadline?: number
  /** The user that runs all of the role on the host, instead of root: `user: 'postgres'`. Only root can become another user. */
  readonly user?: string
  /** The role's variables with their defaults. Any other variable of the role is an error wherever it is set. */
  readonly vars?: Schema
  /**
   * Other variables of the inventory that a variable may be read from, such as those of Ansible roles: `{ port: 'nginx_port' }`, several in order
   * (the first is strongest), or a path into a map (`'nginx.port'`). On one level the role's own name wins; a higher level wins over a lower one,
   * whatever the name.
   */
  readonly from?: From<Schema>
  /**
   * Returns problems of the role on all its hosts together, such as two hosts with the same address. Sees only the inventory and the variables,
   * before any host is touched; one problem ends the run.
   */
  validateSite?(site: SiteVars<DeclaredVars<Schema>>): readonly SiteProblem[]
  /** Sets the host up. May run again at any time, and runs in check mode too. */
  apply(context: ApplyContext<DeclaredVars<Schema>>): Promise<void>
  /** Checks from the outside whether the setup works. Changes nothing. */
  verify?(context: VerifyContext<DeclaredVars<Schema>>): Promise<void>
}

/**
 * Defines a role. The definition is data; this function validates and types it.
 *
 * @example
 * export default role({
 *   name: 'motd',
 *   vars: z.object({ text: z.string().default('welcome') }),
 *   async apply({ ensure, vars }) {
 *     await ensure(file('/etc/motd', { content: `${vars.text}\n` }))
 *   },
 *   async verify({ $, vars, expect }) {
 *     expect((await $.read`cat /etc/motd`).stdout).toContain(vars.text)
 *   },
 * })
 */
export function role<Schema extends z.ZodObject = z.ZodObject<Record<string, never>>>(
  definition: RoleDefinition<Schema>,
): Role<Schema> {
  checkRole(definition)
  const { vars = z.object({}) as unknown as Schema } = definition
  const made: Role<Schema> = {
    about: undefined,
    tags: [],
    ...definition,
    type: 'role',
    vars: vars.strict() as unknown as Schema,
  }
  madeAt.set(made, new CallSite(role))
  return made
}

const madeAt = new WeakMap<object, CallSite>()

/** The place of the `role` call, for problems of the role that have no place of their own. */
export function placeOfRole(of: object): Place | undefined {
  return madeAt.get(of)?.place
}
