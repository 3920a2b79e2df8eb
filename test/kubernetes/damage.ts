import type { Asked } from '../parity/asked.ts'
import { driftsOf } from '../parity/drifts.ts'
import type { Random } from '../support/random.ts'

/** Something that has gone wrong with a host of the cluster, as shell text that runs there. */
export interface Damage {
  readonly host: string
  readonly thing: string
  readonly how: string
}

/** What is damaged: what the cluster's own roles lay. Packages and accounts are the site's matter, and tried there. */
const KINDS = ['file', 'unit', 'link', 'service', 'privateKey', 'certificateRequest', 'timer', 'dir', 'kubeObject']

/**
 * Sorts that a kind repairs, where these are not all. What is in a directory that is moved away is lost, which no role brings back.
 */
const ONLY: Readonly<Record<string, (sort: string) => boolean>> = {
  dir: (sort) => sort === 'mode',
}

/** What a role refuses to replace is for a person: the refusal is tried by the site's parity. */
const isRepaired = ({ mend }: { readonly mend?: string }): boolean => mend === undefined

/** Objects of the API that may go or change. Removed through the API itself, from the host that keeps them. */
const OBJECTS = [
  'delete deployment web -n tutorial --wait=false',
  'scale deployment web -n tutorial --replicas=1',
  'delete service web-node -n tutorial',
  'label service web -n tutorial rolecall/owner-',
  'delete daemonset each-node -n tutorial --wait=false',
  'create configmap stray -n tutorial',
  'delete ingress --all -n tutorial',
  'delete clusterrolebinding kubeadm:cluster-admins',
  'annotate statefulset db -n tutorial drift=yes',
]

/** From one to three things on each host, chosen by the seed. */
export function damages(asked: readonly Asked[], random: Random): Damage[] {
  const hosts = [...new Set(asked.map(({ host }) => host))].sort()
  return hosts.flatMap((host) => {
    const own = asked.filter((each) => each.host === host && KINDS.includes(each.resource.kind))
    const chosen: Damage[] = []
    for (let count = random.between(1, 3); count > 0; count--) {
      const kind = random.pick([...new Set(own.map(({ resource }) => resource.kind))].sort())
      const { resource } = random.pick(own.filter((each) => each.resource.kind === kind))
      const damage = kind === 'kubeObject' ? objectDamage(host, random) : thingDamage(host, resource, random)
      if (damage !== undefined && chosen.every(({ thing }) => !isInside(thing, damage.thing))) chosen.push(damage)
    }
    return chosen
  })
}

function objectDamage(host: string, random: Random): Damage {
  const command = random.pick(OBJECTS)
  return { host, thing: command, how: `kubectl ${command}` }
}

function thingDamage(host: string, resource: Asked['resource'], random: Random): Damage | undefined {
  const able = driftsOf(resource).filter((drift) => isRepaired(drift) && (ONLY[resource.kind]?.(drift.sort) ?? true))
  if (able.length === 0) return undefined
  const sort = random.pick([...new Set(able.map((drift) => drift.sort))].sort())
  const { thing, how } = random.pick(able.filter((drift) => drift.sort === sort))
  return { host, thing, how: `p='${thing}'\n[ -e "$p" ] || case $p in /*) exit 0;; esac\n${how}` }
}

/** Two damages of one thing would be another one. */
function isInside(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one)
}
