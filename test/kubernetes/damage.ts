import type { EnsuredResource } from '../parity/ensured-resources.ts'
import { driftsOf } from '../parity/drifts.ts'
import { happensToCluster } from '../parity/measured.ts'
import type { Random } from '../support/random.ts'

/** Something that has gone wrong with a host of the cluster, as shell text that runs there. */
export interface Damage {
  readonly host: string
  readonly thing: string
  readonly how: string
}

/** From one to three things on each host, chosen by the seed. */
export function damages(asked: readonly EnsuredResource[], random: Random): Damage[] {
  const hosts = [...new Set(asked.map(({ host }) => host))].sort()
  return hosts.flatMap((host) => {
    const own = asked.filter((each) => each.host === host && damagesOf(each.resource).length > 0)
    const chosen: Damage[] = []
    for (let count = random.between(1, 3); count > 0; count--) {
      const kind = random.pick([...new Set(own.map(({ resource }) => resource.kind))].sort())
      const { resource } = random.pick(own.filter((each) => each.resource.kind === kind))
      const able = damagesOf(resource)
      const sort = random.pick([...new Set(able.map((drift) => drift.sort))].sort())
      const { thing, how } = random.pick(able.filter((drift) => drift.sort === sort))
      const damage = { host, thing, how: `p='${thing}'\n[ -e "$p" ] || case $p in /*) exit 0;; esac\n${how}` }
      if (chosen.every((other) => !isInside(other.thing, thing))) chosen.push(damage)
    }
    return chosen
  })
}

function damagesOf(resource: EnsuredResource['resource']) {
  return driftsOf(resource).filter((drift) => happensToCluster({ resource }, drift))
}

/** Two damages of one thing would be another one. */
function isInside(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one)
}
