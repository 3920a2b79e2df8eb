import { exec, sh, type Resource } from 'rolecall'
import type { Member } from '../kubernetes/cluster.ts'
import { etcdctl, type EtcdSettings } from '../kubernetes/control-plane/etcd-options.ts'

/**
 * Another member takes a host in. The lost member of the same name or address is taken out before, because it still counts for the majority. Run on that other
 * member; one that was taken in already and has not started stays.
 *
 * Source: etcd, "Runtime reconfiguration": replace a failed machine.
 */
export function memberAdded(host: Member, other: Member, vars: EtcdSettings): Resource {
  const url = `https://${host.address}:${vars.peerPort}`
  // Lines of `member list`: ID, status, name, URLs of members, URLs of clients, learner.
  const ask = sh`export ETCDCTL_API=3; e() { ${etcdctl(vars, other).split(' ')} "$@"; }`
  return exec(`etcd takes ${host.name} in`, {
    run: sh`set -e; ${ask}
list=$(e member list)
for id in $(printf '%s\n' "$list" | awk -F ', ' -v name=${host.name} -v url=${url} '$3 == name || $4 == url { print $1 }'); do e member remove "$id"; done
e member add ${host.name} ${`--peer-urls=${url}`}`,
    unless: sh`${ask}
e member list | awk -F ', ' -v url=${url} '$2 == "unstarted" && $4 == url { found = 1 } END { exit !found }'`,
    effects: [],
    deadline: 60,
  })
}
