import { RolecallError } from '../../../errors.ts'
import type { Details } from '../../../host-details.ts'
import type { Facts } from '../../../facts.ts'
import type { Host as InventoryHost } from '../../../inventory/inventory.ts'
import { selectHosts } from '../../../inventory/patterns/select.ts'
import type {
  HostContext,
  ReachedHost,
  ReachedSite,
  ReadOptions,
  RoleHost,
  Site,
  SiteHost,
  ValuesOf,
} from '../../../playbook/context.ts'
import { pickByOs } from '../../../playbook/pick-by-os.ts'
import type { Outcome } from '../../../playbook/role-commands.ts'
import type { AnyRole } from '../../../playbook/role.ts'
import { isSharedShape, type SharedShape } from '../../../playbook/variables/shared-shape.ts'
import { sharedFor, useOf, varsFor } from '../../../playbook/variables/vars.ts'
import type { Resources } from '../../../resources/kit/kind.ts'
import { didYouMean } from '../../../text/nearest.ts'
import { variablesInPlaybook } from '../variables.ts'
import type { UnitContext } from '../../hosts/unit-context.ts'

/** The address that the inventory connects to. */
export function addressOf(host: InventoryHost): string | undefined {
  return host.connection.kind === 'ssh' ? host.connection.address : undefined
}

type About = Pick<UnitContext, 'inventory' | 'playbook'>

/** The inventory as a role sees it. */
export function siteOf(about: About): Site {
  return siteWith(about, (host) => siteHost(about, host))
}

/** How a role acts on other hosts. */
export interface Reach {
  readonly ensure: (host: InventoryHost, given: readonly Resources[]) => Promise<Outcome[]>
  readonly read: (host: InventoryHost, path: string, options?: ReadOptions) => Promise<string | undefined>
  readonly facts: (host: InventoryHost) => Promise<Facts>
  readonly details: (host: InventoryHost) => Details
  readonly on: <T>(host: InventoryHost, work: (there: HostContext) => Promise<T>) => Promise<T>
}

/** A connected host as a role sees it. */
export function roleHost(target: InventoryHost, facts: Facts, role: string): RoleHost {
  return {
    ...facts,
    name: target.name,
    address: addressOf(target) ?? facts.addresses[0] ?? '',
    groups: target.groups,
    pick: pickByOs(facts, target.name, role),
  }
}

/** The inventory as seen by a role that may change other hosts. */
export function reachedSite(about: About, reach: Reach): ReachedSite {
  const reached = siteWith(about, (host): ReachedHost => ({
    ...siteHost(about, host),
    ensure: (...given) => reach.ensure(host, given),
    read: (path, options) => reach.read(host, path, options),
    facts: () => reach.facts(host),
    details: (options) => reach.details(host)(options),
  }))
  return { ...reached, on: async (name, work) => await reach.on(hostNamed(about, name), work) }
}

function siteHost({ inventory, playbook }: About, host: InventoryHost): SiteHost {
  return {
    name: host.name,
    address: addressOf(host) ?? host.name,
    groups: host.groups,
    vars<Of extends AnyRole | SharedShape>(of: Of) {
      // From the whole playbook, not only from what --role and --limit leave: a value must not depend on what else runs.
      const found = !isSharedShape(of)
        ? (variablesInPlaybook(playbook, inventory, host, of) ?? varsFor(useOf(of), host))
        : sharedFor(of, host)
      if ('vars' in found) return found.vars as ValuesOf<Of>
      throw new RolecallError(found.problems)
    },
  }
}

function siteWith<T extends SiteHost>(
  { inventory }: Pick<About, 'inventory'>,
  asSiteHost: (host: InventoryHost) => T,
): { hosts(pattern: string): readonly T[]; host(name: string): T } {
  return {
    hosts(pattern) {
      const isName = /^[\w.-]+$/.test(pattern)
      const group = inventory.groups.get(pattern)
      const isHost = inventory.hosts.some((host) => host.name === pattern)
      if (isName && !isHost && (group === undefined || group.hosts.length === 0)) return []
      return selectHosts(inventory, pattern).map(asSiteHost)
    },
    host: (name) => asSiteHost(hostNamed({ inventory }, name)),
  }
}

const LIST_HINT = 'rolecall list hosts shows the names'

function hostNamed({ inventory }: Pick<About, 'inventory'>, name: string): InventoryHost {
  const host = inventory.hosts.find((each) => each.name === name)
  if (host !== undefined) return host
  const names = inventory.hosts.map((each) => each.name)
  const isGroup = inventory.groups.has(name)
  const hint = isGroup
    ? `${name} is a group: site.hosts('${name}') gives its hosts`
    : (didYouMean(name, names) ?? LIST_HINT)
  throw new RolecallError({
    code: 'pattern',
    message: `the role asks for the host ${JSON.stringify(name)}, which is not in the inventory`,
    hint,
  })
}
