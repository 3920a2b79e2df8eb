import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { playbook, run, type AnyRole, type Mode, type Problem, type RunEvent } from '../../lib/index.ts'

export interface RanRole {
  readonly events: readonly RunEvent[]
  readonly problems: readonly Problem[]
  /** `kind:name status` of every resource, in the order in which they were told. */
  readonly told: readonly string[]
  readonly ok: boolean
}

/** Runs roles, one play each, on this machine. */
export async function runRoles(mode: Mode, roles: readonly AnyRole[]): Promise<RanRole> {
  const directory = mkdtempSync(join(tmpdir(), 'rolecall-run-'))
  writeFileSync(join(directory, 'hosts.yml'), 'all: { hosts: { here: { ansible_connection: local } } }\n')
  const plays = roles.map((role) => ({ name: role.name, hosts: 'all', roles: [role] }))
  try {
    const events: RunEvent[] = []
    const all = playbook({ name: 'test', plays })
    for await (const event of run(all, { mode, inventory: directory, journal: false })) events.push(event)
    return {
      events,
      problems: events.flatMap((event) => (event.type === 'problem' ? [event.problem] : [])),
      told: events.flatMap((event) => (event.type === 'resource' ? [`${event.resource} ${event.status}`] : [])),
      ok: events.some((event) => event.type === 'summary' && event.ok),
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
}
