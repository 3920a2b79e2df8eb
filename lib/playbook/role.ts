import { z } from 'zod'
import { checkRole } from './definitions.ts'
import type { From } from './variables/sources.ts'
import type { ApplyContext, SiteVars, SiteProblem, VerifyContext } from './context.ts'
import type { Role } from './context.ts'

export type { Role, AnyRole, VarsOf } from './context.ts'

export interface RoleDefinition<Schema extends z.ZodObject> {
  /** As in `--role NAME` and in group_vars: lower case, with hyphens; the file has the same name. */
  readonly name: string
  /** One line for `rolecall list roles`. */
  readonly about?: string
  /** For `--tags`. */
  readonly tags?: readonly string[]
  /** Tags of parts of it, each of which stands in a `part(TAG, ...)` of `apply` or `verify`. */
  readonly parts?: readonly string[]
  /** Seconds that it may take on a host, as in `Play.deadline`; the shorter one wins. Default: none. */
  readonly deadline?: number
  /** Who does all of it on the host, instead of root: `user: 'postgres'`. It takes root to become somebody. */
  readonly user?: string
  /** The role's variables with their defaults. What it does not name is an error wherever it is written. */
  readonly vars?: Schema
  /**
   * Other variables of the inventory that a variable may come from, such as those that roles of Ansible read: `{ port: 'nginx_port' }`,
   * several in order (the first counts most), or a path into a map (`'nginx.port'`). The role's own name counts more than these where one
   * level sets both; a higher level counts more than a lower one, whatever the name.
   */
  readonly from?: From<Schema>
  /**
   * Says what cannot be meant about the role on all its hosts together, such as two hosts that want the same address. It sees the
   * inventory and the variables alone, before any host is touched; one objection ends the run.
   */
  validateSite?(site: SiteVars<z.output<Schema>>): readonly SiteProblem[]
  /** Sets the host up. It may be run again at any time, and is asked in check mode with the same words. */
  apply(context: ApplyContext<z.output<Schema>>): Promise<void>
  /** Sees from the outside whether what was set up does its work. Changes nothing. */
  verify?(context: VerifyContext<z.output<Schema>>): Promise<void>
}

/**
 * Defines a role. The definition is data; this only gives it its types.
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
  return {
    about: undefined,
    tags: [],
    ...definition,
    type: 'role',
    vars: vars.strict() as unknown as Schema,
  }
}
