import { ETCD_PKI, nth, PKI, type Cluster, type Member } from './cluster.ts'

/** Who a certificate is for: a server, a client, or both. Names of profiles of cfssl. */
export type Profile = 'server' | 'client' | 'peer'

/** A certificate of one host, and whom it is for. */
export interface Wanted {
  readonly name: string
  readonly directory: string
  readonly profile: Profile
  readonly commonName: string
  /** For a client of the API the group that it is in. */
  readonly organization?: string
  /** Names and addresses that a server is reached by; none for a client. */
  readonly names: readonly string[]
  /** Whose the key is. Default root. */
  readonly owner?: string
}

/** The groups that a host is in, as far as certificates are concerned. */
export interface Parts {
  readonly etcd: boolean
  readonly controlPlane: boolean
  readonly node: boolean
}

const local = ['localhost', '127.0.0.1']
const inPki = { directory: PKI }
const client = { ...inPki, profile: 'client', names: [] } as const

/**
 * The certificates of a host. Names of users and groups are those that the API server's own rules know.
 *
 * Source: kubernetes.io, "PKI certificates and requirements"; etcd, "Transport security model".
 */
export function certificatesOf(
  host: Member,
  { etcd, controlPlane, node }: Parts,
  cluster: Cluster,
  controllers: readonly Member[],
): readonly Wanted[] {
  return [
    ...(etcd ? [ofEtcd(host)] : []),
    ...(controlPlane ? ofControlPlane(host, cluster, controllers) : []),
    ...(node ? ofNode(host) : []),
  ]
}

function ofEtcd({ name, address }: Member): Wanted {
  const names = [name, address, ...local]
  return { name: 'etcd', directory: ETCD_PKI, profile: 'peer', commonName: name, names, owner: 'etcd' }
}

function ofControlPlane(host: Member, cluster: Cluster, controllers: readonly Member[]): readonly Wanted[] {
  const { clusterDomain, serviceNetwork, apiName } = cluster
  const services = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    `kubernetes.default.svc.${clusterDomain}`,
  ]
  const names = [...services, apiName, ...controllers.flatMap(({ name, address }) => [name, address]), ...local]
  return [
    {
      ...inPki,
      name: 'kube-apiserver',
      profile: 'server',
      commonName: 'kube-apiserver',
      names: [...names, nth(serviceNetwork, 1)],
    },
    { ...client, name: 'apiserver-etcd-client', commonName: 'kube-apiserver-etcd-client' },
    {
      ...client,
      name: 'apiserver-kubelet-client',
      commonName: 'kube-apiserver-kubelet-client',
      organization: 'system:masters',
    },
    { ...client, name: 'front-proxy-client', commonName: 'front-proxy-client' },
    { ...client, name: 'service-account', commonName: `service-accounts ${host.name}` },
    { ...client, name: 'kube-controller-manager', commonName: 'system:kube-controller-manager' },
    { ...client, name: 'kube-scheduler', commonName: 'system:kube-scheduler' },
    { ...client, name: 'admin', commonName: 'kubernetes-admin', organization: 'system:masters' },
  ]
}

function ofNode({ name, address }: Member): readonly Wanted[] {
  return [
    {
      ...inPki,
      name: 'kubelet',
      profile: 'peer',
      commonName: `system:node:${name}`,
      organization: 'system:nodes',
      names: [name, address],
    },
    { ...client, name: 'kube-proxy', commonName: 'system:kube-proxy' },
  ]
}

export const certificateFile = ({ directory, name }: Pick<Wanted, 'directory' | 'name'>): string =>
  `${directory}/${name}.pem`
export const keyFile = ({ directory, name }: Pick<Wanted, 'directory' | 'name'>): string =>
  `${directory}/${name}-key.pem`
export const requestFile = ({ directory, name }: Pick<Wanted, 'directory' | 'name'>): string =>
  `${directory}/${name}.csr`

const usages: Readonly<Record<Profile, readonly string[]>> = {
  server: ['signing', 'key encipherment', 'server auth'],
  client: ['signing', 'key encipherment', 'client auth'],
  peer: ['signing', 'key encipherment', 'server auth', 'client auth'],
}

/** What the authority signs by, as cfssl reads it. */
export function caConfig(days: number): string {
  const profiles = Object.entries(usages).map(([name, list]) => [name, { expiry: `${days * 24}h`, usages: list }])
  const config = {
    signing: { default: { expiry: `${days * 24}h` }, profiles: Object.fromEntries(profiles) as unknown },
  }
  return `${JSON.stringify(config, null, 4)}\n`
}

/** The subject as cfssl takes it in place of what the request says. */
export function subjectOf({ commonName, organization }: Wanted): string {
  return JSON.stringify({ CN: commonName, names: organization === undefined ? [] : [{ O: organization }] })
}

/** The same as `openssl x509 -subject -nameopt RFC2253` prints it. */
export function subjectLine({ commonName, organization }: Wanted): string {
  return [`CN=${commonName}`, ...(organization === undefined ? [] : [`O=${organization}`])].join(',')
}
