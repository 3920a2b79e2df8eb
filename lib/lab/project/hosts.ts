import type { HostPlan } from '../model.ts'
import type { LabHost } from './types.ts'

/** The first octet for hosts without a chosen address. Lower ones are reserved for explicit addresses. */
const firstAddress = 11

/**
 * The hosts of a lab as plain data. Each gets the address that the project chose, its present one, or the lowest free one.
 *
 * @param before the hosts of the same lab while it is up
 */
export function planHosts(hosts: Readonly<Record<string, LabHost>>, before: readonly HostPlan[] = []): HostPlan[] {
  const taken = new Set(Object.values(hosts).flatMap(({ address }) => (address === undefined ? [] : [address])))
  const addresses = new Map<string, number>()
  for (const [name, { address }] of Object.entries(hosts)) {
    const had = before.find((host) => host.name === name)?.octet
    const kept = had !== undefined && !taken.has(had) ? had : undefined
    const octet = address ?? kept
    if (octet === undefined) continue
    addresses.set(name, octet)
    taken.add(octet)
  }
  return Object.entries(hosts).map(([name, { family, groups = [], memory, kubelet }]) => {
    let octet = addresses.get(name) ?? firstAddress
    while (!addresses.has(name) && taken.has(octet)) octet++
    taken.add(octet)
    return {
      name,
      octet,
      groups,
      ...(family === undefined ? {} : { family }),
      ...(memory === undefined ? {} : { memoryMiB: mebibytes(memory) }),
      ...(kubelet === true ? { kubelet } : {}),
    }
  })
}

/** In MiB: 2048 for `2G`. */
function mebibytes(memory: string): number {
  return Number(memory.slice(0, -1)) * (memory.endsWith('G') ? 1024 : 1)
}
