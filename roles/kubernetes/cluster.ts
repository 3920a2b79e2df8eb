import { isIPv4 } from 'node:net'
import { shared, z } from 'rolecall'
import { Version } from './versions.ts'

const Network = z.string().regex(/^\d+\.\d+\.\d+\.\d+\/\d+$/, 'a network, such as 10.244.0.0/16')

/**
 * What all roles of the cluster share. Each stands at the top of the inventory's variables under its own name; `inventory/group_vars/kubernetes.yml` has
 * those of this site.
 *
 * Which host is what is said by groups: `etcd`, `control_plane` (the first host is where objects are applied), `kube_nodes`, and `ca` for the authority.
 */
export const cluster = shared({
  /** The release of Kubernetes. Another one is an upgrade: the control plane first, then one node after the other, drained. */
  kubernetesVersion: Version.default('1.20.2'),
  /** Where the release's binaries are: `release/vVERSION/bin/linux/ARCH/NAME`, each with its `.sha256`. */
  kubernetesDownloads: z.url().default('https://dl.k8s.io'),
  /** Where releases of etcd, containerd, runc and the network plugins are. */
  githubDownloads: z.url().default('https://github.com'),
  /** Addresses of Pods. Each node has a network of 256 of them. */
  podNetwork: Network.default('10.244.0.0/16'),
  /** Addresses of Services. The first is the API's own, the tenth that of the cluster's name server. */
  serviceNetwork: Network.default('10.96.0.0/16'),
  clusterDomain: z.string().min(1).default('cluster.local'),
  /** The name by which nodes and people reach the API. It leads to all hosts of the control plane, by a block in /etc/hosts. */
  apiName: z.string().min(1).default('api.kube.internal'),
  apiPort: z.int().min(1).max(65_535).default(6443),
})

export type Cluster = { readonly [Name in keyof typeof cluster]: z.output<(typeof cluster)[Name]> }

/** The variables of the cluster out of all of a role's variables. */
export function clusterOf(vars: Cluster): Cluster {
  const { kubernetesVersion, kubernetesDownloads, githubDownloads, podNetwork, serviceNetwork, clusterDomain } = vars
  const { apiName, apiPort } = vars
  return {
    kubernetesVersion,
    kubernetesDownloads,
    githubDownloads,
    podNetwork,
    serviceNetwork,
    clusterDomain,
    apiName,
    apiPort,
  }
}

export interface Member {
  readonly name: string
  readonly address: string
}

/** The address that is so many further than the network's own: `nth('10.96.0.0/16', 10)` is 10.96.0.10. */
export function nth(network: string, n: number): string {
  const [base = '', bits = ''] = network.split('/')
  if (!isIPv4(base) || Number(bits) > 32) throw new Error(`${network} is no network`)
  const sum = base.split('.').reduce((all, part) => all * 256 + Number(part), 0) + n
  return [24, 16, 8, 0].map((shift) => Math.floor(sum / 2 ** shift) % 256).join('.')
}

/** The networks of the nodes, by their places in the group: a /24 each. Throws when there are more nodes than the network has. */
export function podNetworkOf(podNetwork: string, place: number): string {
  const bits = Number(podNetwork.split('/')[1])
  if (bits > 24 || place >= 2 ** (24 - bits))
    throw new Error(`${podNetwork} has no network of 256 addresses for the node number ${place + 1}: set podNetwork`)
  return `${nth(podNetwork, place * 256)}/24`
}

/** The name server of the cluster. */
export const dnsAddress = (serviceNetwork: string): string => nth(serviceNetwork, 10)

export const apiUrl = ({ apiName, apiPort }: Pick<Cluster, 'apiName' | 'apiPort'>): string =>
  `https://${apiName}:${apiPort}`

/** The machine as dl.k8s.io and GitHub call it. */
export function archOf(machine: string): string {
  const names: Readonly<Record<string, string>> = {
    x86_64: 'amd64',
    aarch64: 'arm64',
    ppc64le: 'ppc64le',
    s390x: 's390x',
  }
  const found = names[machine] ?? (Object.values(names).includes(machine) ? machine : undefined)
  if (found === undefined) throw new Error(`Kubernetes has no binaries for ${machine}`)
  return found
}

export const PKI = '/etc/kubernetes/pki'
export const ETCD_PKI = '/etc/etcd/pki'
