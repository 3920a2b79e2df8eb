import { ETCD_PKI, nth, PKI, type Cluster, type Member } from '../cluster.ts'

/** What a certificate is good for: a server, a client, both, or the key of tokens, which is neither. Names of profiles of cfssl. */
export type Profile = 'server' | 'client' | 'peer' | 'signer'

/**
 * Who signs. The site's own authority signs for the API; etcd and the API server's way to extensions of the API trust an authority of their own, which signs
 * for nobody else: of what the site's authority has signed for some host, nothing opens the store.
 *
 * Source: kubernetes.io, "PKI certificates and requirements": etcd-ca and kubernetes-front-proxy-ca.
 */
export type Authority = 'site' | 'etcd' | 'front-proxy'

/** The directory of an authority on the host of the group `ca`, below that of the site's own. */
export const authorityDirectory = (ca: string, authority: Authority): string =>
  authority === 'site' ? ca : `${ca}/kubernetes-${authority}`

/** Which authorities' certificates a host has, and where. */
export function rootsOf({ etcd, controlPlane }: Parts): readonly (readonly [file: string, authority: Authority])[] {
  return [
    [`${PKI}/ca.pem`, 'site'],
    ...(etcd ? ([[`${ETCD_PKI}/ca.pem`, 'etcd']] as const) : []),
    ...(controlPlane
      ? ([
          [`${PKI}/etcd-ca.pem`, 'etcd'],
          [`${PKI}/front-proxy-ca.pem`, 'front-proxy'],
        ] as const)
      : []),
  ]
}

/** A certificate of one host, and whom it is for. */
export interface Wanted {
  readonly name: string
  readonly directory: string
  readonly profile: Profile
  readonly authority: Authority
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

/** The group of administrators, and the API server as a client of kubelets: rights.ts has what they may. */
export const ADMINISTRATORS = 'kubeadm:cluster-admins'
export const KUBELET_CLIENT = 'kube-apiserver-kubelet-client'

const local = ['localhost', '127.0.0.1']
const inPki = { directory: PKI, authority: 'site' } as const
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
  const authority = 'etcd' as const
  return { name: 'etcd', directory: ETCD_PKI, profile: 'peer', authority, commonName: name, names, owner: 'etcd' }
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
    { ...client, name: 'apiserver-etcd-client', authority: 'etcd', commonName: 'kube-apiserver-etcd-client' },
    { ...client, name: 'apiserver-kubelet-client', commonName: KUBELET_CLIENT },
    { ...client, name: 'front-proxy-client', authority: 'front-proxy', commonName: 'front-proxy-client' },
    { ...client, name: 'service-account', profile: 'signer', commonName: `service-accounts ${host.name}` },
    { ...client, name: 'kube-controller-manager', commonName: 'system:kube-controller-manager' },
    { ...client, name: 'kube-scheduler', commonName: 'system:kube-scheduler' },
    { ...client, name: 'admin', commonName: 'kubernetes-admin', organization: ADMINISTRATORS },
    // Rights of system:masters cannot be taken away, so one host has this, for what gives all others theirs.
    ...(controllers[0]?.name === host.name
      ? [{ ...client, name: 'super-admin', commonName: 'kubernetes-super-admin', organization: 'system:masters' }]
      : []),
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
  signer: ['signing', 'code signing'],
}

/** The same as object identifiers: RFC 5280, 4.2.1.12. */
const EXTENDED: Readonly<Record<string, string>> = {
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
}

/** What a certificate of a profile may be used for, as object identifiers in order. */
export const extendedUsages = (profile: Profile): readonly string[] =>
  usages[profile].flatMap((usage) => EXTENDED[usage] ?? []).sort()

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
