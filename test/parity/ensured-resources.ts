import { ensureArguments } from '../../lib/converge/events/ensure-arguments.ts'
import type { Resource } from '../../lib/index.ts'
import { run, type AnyRole, type Playbook } from '../../lib/index.ts'

/** A resource that the site asks for on a host. */
export interface EnsuredResource {
  readonly host: string
  readonly role: string
  readonly resource: Resource
}

/** Everything that a playbook asks for, host by host: a check run whose roles are listened to. `limit` is a pattern of hosts. */
export async function ensuredResources(
  site: Playbook,
  inventory: string | readonly string[],
  { limit = 'all', extra = [] }: { readonly limit?: string; readonly extra?: readonly string[] } = {},
): Promise<EnsuredResource[]> {
  const asked: EnsuredResource[] = []
  const parseOutput = (role: AnyRole): AnyRole => ({
    ...role,
    apply: (context) =>
      role.apply({
        ...context,
        ensure: (...resources) => {
          for (const resource of ensureArguments(resources))
            asked.push({ host: context.host.name, role: role.name, resource })
          return context.ensure(...resources)
        },
      }),
  })
  const plays = site.plays.map((play) => ({
    ...play,
    roles: play.roles.map((use) => (use.type === 'use' ? { ...use, role: parseOutput(use.role) } : parseOutput(use))),
  }))
  for await (const event of run({ ...site, plays }, { mode: 'check', inventory, limit, extra, journal: false }))
    if (event.type === 'problem') throw new Error(JSON.stringify(event.problem))
  return asked
}
