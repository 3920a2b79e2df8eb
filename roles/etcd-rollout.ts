import { role, service, sh, exec } from 'rolecall'
import etcd from './etcd.ts'
import { ETCD_PKI } from './kubernetes/cluster.ts'
import { etcdctl } from './kubernetes/control-plane/etcd-options.ts'

/** A member has been healthy before. On a fresh host its being missing says in check mode that there is something to wait for. */
const ANSWERED = '/etc/etcd/answered'

/**
 * Restarts members of etcd whose unit, release or certificate has changed. Its play says `serial: 1`: the next member is restarted when this one has joined
 * the others again, so the store goes on answering.
 */
export default role({
  name: 'etcd-rollout',
  about: 'Restarts changed members of etcd, one at a time',
  tags: ['etcd'],

  async apply({ checking, ensure, exists, host, site }) {
    const vars = site.host(host.name).vars(etcd)
    const pki = ['ca.pem', 'etcd.pem', 'etcd-key.pem'].map((name) => `${ETCD_PKI}/${name}`)
    // In check mode a host without data has nothing that runs already.
    const isMember = !checking || (await exists(`${vars.dataDirectory}/member`))
    const running = isMember
      ? [service('etcd', { running: true, restartedAfter: ['/etc/systemd/system/etcd.service', ...pki] })]
      : []
    const health = sh`export ETCDCTL_API=3; /bin/sh -c ${`${etcdctl(vars, host)} endpoint health`} 2>&1 | grep -q 'is healthy'`
    await ensure(
      running,
      exec('etcd is one of its cluster', {
        run: sh`n=0; until ${health}; do n=$((n + 1)); [ $n -lt 90 ] || exit 1; sleep 1; done; touch ${ANSWERED}`,
        creates: ANSWERED,
        unless: health,
        effects: [],
      }),
    )
  },
})
