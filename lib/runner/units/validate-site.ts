import { readableConnection } from '../hosts/readable-connection.ts'
import { RolecallError, type Problem } from '../../errors.ts'
import { freeText, list, text } from '../../resources/kit/options/option-types.ts'
import { objectOptions } from '../../resources/kit/options/options.ts'
import { describeValue } from '../../resources/kit/options/describe-value.ts'
import type { Host, Inventory } from '../../inventory/inventory.ts'
import type { SiteVarsHost, SiteProblem } from '../../playbook/context.ts'
import type { Playbook } from '../../playbook/playbook.ts'
import type { AnyRole } from '../../playbook/role.ts'
import type { Vars } from '../../playbook/variables/vars.ts'
import { variablesInPlaybook } from './variables.ts'
import type { Unit } from '../order/unit.ts'

/** The problems that the roles of these units find in the site as a whole. Pure; hosts with invalid variables are left out. */
export function siteProblems(units: readonly Unit[], playbook: Playbook, inventory: Inventory): Problem[] {
  const everyone = inventory.hosts.map(known)
  return [...new Set(units.map(({ role }) => role))].flatMap((role) => {
    if (role.validateSite === undefined) return []
    const hosts = inventory.hosts.flatMap((host): SiteVarsHost<Vars>[] => {
      const found = variablesInPlaybook(playbook, inventory, host, role)
      return found !== undefined && 'vars' in found ? [{ ...known(host), vars: found.vars }] : []
    })
    const touched = new Set(units.filter((unit) => unit.role === role).map(({ host }) => host.name))
    return siteProblemsOf(role, { hosts, everyone })
      .filter((objection) => objection.hosts.some((name) => touched.has(name)))
      .map((objection) => problemOf(objection, role))
  })
}

const readSiteProblem = objectOptions<SiteProblem>()(() => ({
  hosts: list('a list of names of hosts', text()),
  message: freeText(),
  expected: freeText().optional(),
  got: freeText().optional(),
  hint: freeText().optional(),
}))

/** The problems that `validateSite` returns. They are a role author's values, so their shape is checked too. */
function siteProblemsOf(
  role: AnyRole,
  site: Parameters<NonNullable<AnyRole['validateSite']>>[0],
): readonly SiteProblem[] {
  const given: unknown = role.validateSite?.(site) ?? []
  if (Array.isArray(given))
    return given.map((each: unknown) => readSiteProblem(`what validateSite of role ${role.name} gives`, each))
  throw new RolecallError({
    code: 'playbook',
    role: role.name,
    message: `Expected validateSite of role ${role.name} to give a list of { hosts, message }, got ${given instanceof Promise ? 'a promise' : describeValue(given)}`,
    hint: 'validateSite is called before any host is touched, and gives its answer at once: [] when nothing is wrong',
  })
}

function known(host: Host) {
  const { groups, name } = host
  return { name, address: addressOf(host), groups }
}

/** The address of a host; one with invalid connection variables belongs to the site too. */
function addressOf(host: Host): string {
  const connection = readableConnection(host)
  return connection?.kind === 'ssh' ? connection.address : host.name
}

function problemOf({ hosts, ...said }: SiteProblem, role: AnyRole): Problem {
  const [host] = hosts
  return { code: 'vars', role: role.name, ...said, ...(hosts.length === 1 && host !== undefined ? { host } : {}) }
}
