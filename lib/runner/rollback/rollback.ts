import { z } from 'zod'
import { RolecallError } from '../../errors.ts'
import type { ApplyContext } from '../../playbook/context.ts'
import type { AnyRole } from '../../playbook/role.ts'
import type { Resource } from '../../resources/kit/kind.ts'
import { deleteBackup } from '../../resources/rollback/backup.ts'
import { restoredFiles } from '../../resources/rollback/restored-files.ts'
import type { Pool } from '../hosts/pool.ts'
import type { Unit } from '../order/unit.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import type { Play } from '../../playbook/playbook.ts'
import type { TouchedHosts } from './touched.ts'

/** Units that restore files, one for each host of a play with `rollback`. */
export function rollbackUnits(units: readonly Unit[], touched: TouchedHosts): Unit[] {
  const found = new Map<string, Unit>()
  for (const unit of units) {
    const key = touched.keyFor(unit)
    if (key === undefined || found.has(key)) continue
    const role = rollbackRole(unit, key, touched)
    const { host, play, batch, index } = unit
    found.set(key, { index, host, play, batch, role, vars: {}, isRecovery: true, isRollback: true })
  }
  return [...found.values()]
}

function rollbackRole({ play, host }: Unit, key: string, touched: TouchedHosts): AnyRole {
  return {
    type: 'role',
    name: 'rollback',
    about: undefined,
    tags: [],
    vars: z.object({}),
    async apply(context) {
      // The host itself comes first: another host, such as a load balancer, may send requests here again once it is restored.
      for (const { host: name, resources } of touched.of(key, host.name)) {
        const there = name === host.name ? context : at(context, name)
        const [outcome] = await there.ensure(restoredFiles(play.name, { key: touched.keptOn(name, key) }))
        if (outcome?.status !== 'changed') continue
        for (const dependent of await dependents(resources, there)) await there.ensure(dependent)
      }
    },
  }
}

function at({ site }: ApplyContext<unknown>, name: string) {
  const host = site.host(name)
  return {
    ensure: (resource: Resource) => host.ensure(resource),
    exists: async (path: string) => (await host.read(path)) !== undefined,
  }
}

/** The units to restart or reload after files are restored, without those whose own file is gone again. */
async function dependents(
  resources: readonly Resource[],
  { exists }: Pick<ApplyContext<unknown>, 'exists'>,
): Promise<Resource[]> {
  const paths = new Set(resources.flatMap((resource) => resource.paths))
  const found: Resource[] = []
  for (const resource of resources) {
    const follows = resource.follows ?? []
    if (!follows.some((path) => paths.has(path))) continue
    const units = follows.filter((path) => path.startsWith('/etc/systemd/system/') && paths.has(path))
    const isThere = await Promise.all(units.map((path) => exists(path)))
    if (isThere.every(Boolean)) found.push(resource)
  }
  return found
}

/** Where the copies of a play with `rollback` are recorded, and how their hosts are reached. */
export interface CopiesOnHosts {
  readonly touched: TouchedHosts
  readonly pool: Pool
  readonly inventory: Inventory
}

/** Deletes the copies on hosts of a play that succeeded. A host that cannot be reached keeps them, and is reported. */
export async function deleteBackups(
  play: Play,
  hosts: ReadonlySet<string>,
  { touched, pool, inventory }: CopiesOnHosts,
): Promise<void> {
  if (play.rollback === undefined) return
  const deleteOn = async (name: string, key: string) => {
    const host = inventory.hosts.find((each) => each.name === name)
    if (host === undefined) return
    const session = await pool.session(host)
    await session.inTurn(() =>
      session.host.ask([{ name: 'delete the backup', sh: deleteBackup(touched.keptOn(name, key)) }]),
    )
  }
  await Promise.all(
    [...hosts].flatMap((own) => {
      const key = touched.keyOf(play.name, own)
      return touched.of(key, own).map(({ host }) =>
        deleteOn(host, key).catch((error: unknown) => {
          // Other work on this host reports that it is lost, or there is none.
          if (!(error instanceof RolecallError)) throw error
        }),
      )
    }),
  )
}
