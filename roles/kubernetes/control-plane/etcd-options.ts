import { ETCD_PKI, type Member } from '../cluster.ts'

export interface EtcdSettings {
  readonly dataDirectory: string
  readonly clientPort: number
  readonly peerPort: number
  readonly compaction: string
  readonly quota: number
  readonly heartbeat: number
  readonly election: number
  readonly join: boolean
}

/** What a member is told for its first start alone. A change of these is no reason for a restart, so they are no part of the unit. */
export function firstStart(
  members: readonly Member[],
  { peerPort, join }: Pick<EtcdSettings, 'peerPort' | 'join'>,
): string {
  const all = members.map(({ name, address }) => `${name}=https://${address}:${peerPort}`)
  return `# For the first start of this member.
ETCD_INITIAL_CLUSTER=${all.join(',')}
ETCD_INITIAL_CLUSTER_STATE=${join ? 'existing' : 'new'}
ETCD_INITIAL_CLUSTER_TOKEN=kubernetes
`
}

/**
 * The command line of a member.
 *
 * Source: etcd, "Configuration options", "Transport security model".
 */
export function etcdOptions(vars: EtcdSettings, { name, address }: Member): readonly string[] {
  const { clientPort, peerPort } = vars
  const pki = (prefix: string) => [
    `--${prefix}cert-file=${ETCD_PKI}/etcd.pem`,
    `--${prefix}key-file=${ETCD_PKI}/etcd-key.pem`,
    `--${prefix}trusted-ca-file=${ETCD_PKI}/ca.pem`,
    `--${prefix}client-cert-auth=true`,
  ]
  return [
    `--name=${name}`,
    `--data-dir=${vars.dataDirectory}`,
    `--listen-client-urls=https://${address}:${clientPort},https://127.0.0.1:${clientPort}`,
    `--advertise-client-urls=https://${address}:${clientPort}`,
    `--listen-peer-urls=https://${address}:${peerPort}`,
    `--initial-advertise-peer-urls=https://${address}:${peerPort}`,
    ...pki(''),
    ...pki('peer-'),
    `--quota-backend-bytes=${vars.quota}`,
    `--auto-compaction-retention=${vars.compaction}`,
    `--heartbeat-interval=${vars.heartbeat}`,
    `--election-timeout=${vars.election}`,
  ]
}

/** The client with the certificates of the member itself. */
export function etcdctl(
  { clientPort }: Pick<EtcdSettings, 'clientPort'>,
  { address }: Pick<Member, 'address'>,
): string {
  return `/usr/local/bin/etcdctl --endpoints=https://${address}:${clientPort} --cacert=${ETCD_PKI}/ca.pem --cert=${ETCD_PKI}/etcd.pem --key=${ETCD_PKI}/etcd-key.pem`
}
