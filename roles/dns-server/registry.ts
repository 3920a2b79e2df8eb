import { isIP } from 'node:net'
import { RolecallError, type Site } from 'rolecall'
import harbor from '../harbor.ts'
import type { Zone, ZoneRecord } from './zone.ts'

/**
 * Chapter 6.5.6: the records of the registries whose name is in this zone, with the address of the host that each is on.
 * The name is said once, in the registry's own variables.
 */
export function registryRecords(zone: Zone, site: Site): ZoneRecord[] {
  return site.hosts('registry').flatMap((host) => {
    const hostname = hostnameOn(host)
    if (hostname === undefined || !hostname.endsWith(`.${zone.name}`) || isIP(host.address) === 0) return []
    const name = hostname.slice(0, -zone.name.length - 1)
    // A record of the variables is stronger: the registry may be reached through something else.
    if (zone.records.some((record) => record.name === name)) return []
    return [{ name, type: isIP(host.address) === 6 ? 'AAAA' : 'A', value: host.address }]
  })
}

/** A playbook that sets up a name server need not set up registries. */
function hostnameOn(host: ReturnType<Site['hosts']>[number]): string | undefined {
  try {
    return host.vars(harbor).hostname
  } catch (error) {
    if (error instanceof RolecallError && error.problems.every(({ code }) => code === 'playbook')) return undefined
    throw error
  }
}
