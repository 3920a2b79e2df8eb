import { block, type Resource } from 'rolecall'
import type { Cluster, Member } from './cluster.ts'

/**
 * The name of the API leads to every host of the control plane. Programs try one address after the other, so no balancer is needed. Where there is one, say its
 * name as `apiName`, and this block names the hosts behind it all the same.
 */
export function hostsBlock({ apiName }: Pick<Cluster, 'apiName'>, controllers: readonly Member[]): Resource {
  return block('/etc/hosts', {
    name: 'kubernetes',
    content: controllers.map(({ address }) => `${address} ${apiName}`).join('\n'),
  })
}
