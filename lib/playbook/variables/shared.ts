import type { z } from 'zod'
import { checkShared } from '../definitions.ts'
import { declareShared, type SharedShape } from './shared-shape.ts'
import { mark, markOf, type Asking } from './sources.ts'

/**
 * Declares variables that many roles share, such as the domain of a site. Each is set at the top level of the inventory's variables under its own
 * name, as in Ansible, and not under the name of a role.
 *
 * A role takes one by putting it into its `vars`; `using` takes one as a value; `host.vars(site)` gives them all for any host.
 * `from` names other variables of the inventory from which each may come, the strongest first.
 *
 * Throws a RolecallError for a value that is no schema.
 *
 * @example
 * // site.ts
 * export const site = shared({
 *   domain: z.string(),
 *   environment: z.enum(['test', 'live']).default('test'),
 * }, { from: { domain: ['domain', 'dns_domain'] } })
 *
 * // roles/web.ts
 * role({ name: 'web', vars: z.object({ port: z.int().default(80), domain: site.domain }), ... })
 *
 * // playbooks/site.ts
 * using(proxy, { serverName: site.domain })
 */
export function shared<Shape extends SharedShape>(
  shape: Shape,
  { from = {} }: { readonly from?: { readonly [Name in keyof Shape]?: string | readonly string[] } } = {},
): Shape {
  checkShared(shape, from)
  const names: Readonly<Record<string, unknown>> = from
  const marked = Object.fromEntries(
    Object.entries(shape).map(([name, schema]) => {
      const given = names[name]
      const others = typeof given === 'string' ? [given] : Array.isArray(given) ? given.map(String) : []
      // A copy, because the given schema may be used elsewhere as well.
      return [name, mark(copied(schema), { flat: [...new Set([name, ...others])] })]
    }),
  )
  const whole = Object.freeze(marked) as unknown as Shape
  declareShared(whole)
  return whole
}

/**
 * A variable that is asked for at the terminal if nothing sets it: once in a run, before any host is touched. Without a terminal, as in continuous
 * integration, this is an error that says how to give the value: `-e app.release=...`. With `hidden` the input is not shown.
 *
 * @example
 * role({
 *   name: 'app',
 *   vars: z.object({
 *     release: asked(z.string(), 'Release to deploy?'),
 *     token: asked(z.string().transform(secret), 'Token of the registry?', { hidden: true }),
 *   }),
 *   ...
 * })
 */
export function asked<Schema extends z.ZodType>(
  schema: Schema,
  question: string,
  { hidden = false }: { readonly hidden?: boolean } = {},
): Schema {
  const asking: Asking = { question, hidden }
  return mark(copied(schema), { ...markOf(schema), asking })
}

function copied<Schema extends z.ZodType>(schema: Schema): Schema {
  const copy = schema.clone()
  return mark(copy, markOf(schema))
}
