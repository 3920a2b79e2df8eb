import type { Connection } from '../../inventory/connections/connection.ts'
import type { Host } from '../../inventory/inventory.ts'
import { readableConnection } from './readable-connection.ts'

const MOST_NAMES = 6

/**
 * A note for each machine that several hosts of a run are: the same address, port, user and way there. Each waits for the lock of the others, and check predicts
 * nothing of what one of them does to another.
 */
export function sharedMachineNotes(hosts: Iterable<Host>): { readonly host: string; readonly message: string }[] {
  const machines = new Map<string, { readonly told: string; readonly names: string[] }>()
  for (const host of new Set(hosts)) {
    const { name } = host
    const connection = readableConnection(host)
    const machine = connection === undefined ? undefined : machineOf(connection)
    if (machine === undefined) continue
    const { key, told } = machine
    const known = machines.get(key)
    if (known === undefined) machines.set(key, { told, names: [name] })
    else if (!known.names.includes(name)) known.names.push(name)
  }
  return [...machines.values()].flatMap(({ told, names }) => {
    const [host, ...others] = names
    if (host === undefined || others.length === 0) return []
    const more = names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more,` : ''
    const message = `${names.slice(0, MOST_NAMES).join(', ')}${more} are one machine (${told}): they wait for one another, and what one changes check does not foresee for the others`
    return [{ host, message }]
  })
}

/**
 * What ssh's configuration makes of an alias is not asked: hosts of different names that it leads to one machine are not seen. Hosts with
 * `ansible_connection: local` are left out: they mostly represent other things, such as what is set up through an API.
 */
function machineOf(connection: Connection): { readonly key: string; readonly told: string } | undefined {
  switch (connection.kind) {
    case 'local':
      return undefined
    case 'ssh': {
      const { address, port, user, args } = connection
      const login = `${user === undefined ? '' : `${user}@`}${address}${port === undefined ? '' : `:${port}`}`
      return { key: JSON.stringify(['ssh', address.toLowerCase(), port ?? 22, user, args]), told: login }
    }
    case 'docker':
    case 'podman':
    case 'machinectl':
    case 'nspawn': {
      const { kind, container, user, options } = connection
      return { key: JSON.stringify([kind, container, user, options]), told: `${kind} ${container}` }
    }
  }
}
