import { RolecallError } from '../../errors.ts'
import type { Facts } from '../../facts.ts'
import type { HostContext, ReachedHost, ReachedSite } from '../../playbook/context.ts'
import type { Outcome } from '../../playbook/role-commands.ts'
import type { AnyRole } from '../../playbook/role.ts'
import { isSharedShape, sharedSchema, type SharedShape } from '../../playbook/variables/shared-shape.ts'
import type { Resources } from '../../resources/kit/kind.ts'
import { variablesBy } from '../../resources/kit/options/options.ts'
import { detailsIn } from './details.ts'
import type { PlayHost } from './options.ts'

/** How a played role acts on other hosts. */
export interface PlayedReach {
  readonly ensure: (host: string, given: readonly Resources[]) => Promise<Outcome[]>
  readonly on: <T>(host: PlayHost, work: (there: HostContext) => Promise<T>) => Promise<T>
}

/** The hosts of the test's site, as a role sees them. */
export function playedSite(
  given: Readonly<Record<string, readonly PlayHost[]>>,
  known: Facts,
  reach: PlayedReach,
): ReachedSite {
  const reached = ({ name, address, groups = [], vars = {}, files = {}, facts }: PlayHost): ReachedHost => ({
    name,
    address,
    groups,
    vars: (of) => varsOf(of, { name, vars }) as never,
    ensure: (...resources) => reach.ensure(name, resources),
    read: (path) => Promise.resolve(Object.hasOwn(files, path) ? files[path] : undefined),
    details: (more) => Promise.resolve(detailsIn(undefined, more)),
    facts: () => Promise.resolve({ ...known, hostname: name, addresses: [address], networks: [], ...facts }),
  })
  const hostNamed = (name: string): PlayHost => {
    const host = Object.values(given)
      .flat()
      .find((each) => each.name === name)
    if (host !== undefined) return host
    throw new RolecallError({
      code: 'pattern',
      message: `the role asks for the host ${JSON.stringify(name)}, and the test does not say what that is`,
      hint: `play(role, { site: { ${JSON.stringify(name)}: [{ name: ${JSON.stringify(name)}, address: '192.0.2.9' }] } })`,
    })
  }
  return {
    hosts(pattern) {
      const hosts = Object.hasOwn(given, pattern) ? given[pattern] : undefined
      if (hosts !== undefined) return hosts.map(reached)
      throw new RolecallError({
        code: 'pattern',
        message: `the role asks for the hosts of ${JSON.stringify(pattern)}, and the test does not say which those are`,
        expected: `one of ${Object.keys(given).join(', ')}`,
        hint: `play(role, { site: { ${JSON.stringify(pattern)}: [] } })`,
      })
    },
    host: (name) => reached(hostNamed(name)),
    on: async (name, work) => await reach.on(hostNamed(name), work),
  }
}

/** The variables of a role, or shared variables, on another host of the test. */
function varsOf(of: AnyRole | SharedShape, { name, vars = {} }: Pick<PlayHost, 'name' | 'vars'>): unknown {
  if (!isSharedShape(of)) return variablesBy(of.vars, `vars.${of.name} of the test's host ${name}`, vars[of.name])
  const schema = sharedSchema(of)
  return schema === undefined ? {} : variablesBy(schema, `vars of the test's host ${name}`, vars)
}
