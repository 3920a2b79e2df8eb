import type { Secret } from '../../secret.ts'
import type { Draft } from '../graph/draft.ts'
import { addChild, groupIn } from '../graph/draft.ts'
import { addVariables, hostsWith } from '../variables/draft-vars.ts'
import { groupNameProblem, hostNames } from '../connections/host-name.ts'
import type { Report } from '../parse.ts'
import type { Source } from '../graph/tree.ts'
import { mapOf } from '../syntax/value-node.ts'

/** The value of a variable in an inventory in code. */
export type InventoryValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | Secret
  | readonly InventoryValue[]
  | { readonly [name: string]: InventoryValue }

/** Variables by name: connection variables (`ansible_host`), variables of roles under the role's name, and any others. */
export type InventoryVars = Readonly<Record<string, InventoryValue>>

/** A group of an inventory in code. */
export interface InventoryGroup {
  readonly hosts?: readonly string[]
  /** Groups whose hosts are also in this group. */
  readonly children?: readonly string[]
  readonly vars?: InventoryVars
}

/** The hosts and groups of an inventory in code. */
export interface InventoryData {
  /** Hosts with their variables, or their names alone. Names may be ranges, as in `web[01:10]`. */
  readonly hosts?: Readonly<Record<string, InventoryVars | null | undefined>> | readonly string[]
  readonly groups?: Readonly<Record<string, InventoryGroup | readonly string[]>>
  /** Variables of all hosts. */
  readonly vars?: InventoryVars
}

/** An inventory in code. */
export interface TypedInventory {
  readonly type: 'inventory'
  readonly data: () => InventoryData | Promise<InventoryData>
}

/**
 * Makes an inventory in code, for the default export of `inventory/hosts.ts`. To get hosts from a cloud's API or from Terraform's state,
 * give a function, which may be async. It is called once when a run begins.
 *
 * Hosts that are only in `groups` belong to the inventory, too.
 *
 * @example
 * export default inventory({
 *   hosts: { 'web-01': { ansible_host: '10.0.0.1' }, 'web-02': { ansible_host: '10.0.0.2' } },
 *   groups: { web: ['web-01', 'web-02'], site: { children: ['web'], vars: { ansible_user: 'ops' } } },
 * })
 *
 * @example
 * export default inventory(async () => {
 *   const servers = await api.servers()
 *   return { hosts: Object.fromEntries(servers.map(({ name, address }) => [name, { ansible_host: address }])) }
 * })
 */
export function inventory(
  data: InventoryData | Promise<InventoryData> | (() => InventoryData | Promise<InventoryData>),
): TypedInventory {
  return { type: 'inventory', data: typeof data === 'function' ? data : () => data }
}

/** Whether a value was made by `inventory()`. */
export function isTypedInventory(value: unknown): value is TypedInventory {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type === 'inventory' &&
    'data' in value &&
    typeof value.data === 'function'
  )
}

/** Reads the data of an inventory in code into a draft. */
export function readTyped(data: InventoryData, source: Source, draft: Draft, report: Report): void {
  const place = () => source.place(0)
  if (data.vars !== undefined) addVariables({ draft, report }, 'all', mapOf(data.vars, source, 0).entries)
  const { hosts = {} } = data
  if (isNames(hosts)) for (const word of hosts) addHosts(word, 'all', {})
  else for (const [word, variables] of Object.entries(hosts)) addHosts(word, 'all', variables ?? {})
  for (const [name, given] of Object.entries(data.groups ?? {})) {
    const wrong = groupNameProblem(name, place)
    if (wrong !== undefined) {
      report(wrong)
      continue
    }
    const group: InventoryGroup = isNames(given) ? { hosts: given } : given
    groupIn(draft, name, place())
    for (const word of group.hosts ?? []) addHosts(word, name, {})
    if (group.vars !== undefined) addVariables({ draft, report }, name, mapOf(group.vars, source, 0).entries)
    for (const child of group.children ?? []) {
      groupIn(draft, child, place())
      addChild(draft, name, child, place())
    }
  }

  function addHosts(word: string, group: string, variables: InventoryVars): void {
    const { names, port } = hostNames(word, place, report)
    const { entries } = mapOf(variables, source, 0)
    const ported = port === undefined ? {} : { port }
    hostsWith({ draft, report, source }, names, { group, owner: word, variables: entries, offset: 0, ...ported })
  }
}

function isNames(value: object): value is readonly string[] {
  return Array.isArray(value)
}
